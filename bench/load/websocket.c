#include "load/websocket.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/ws.h>

#include "load/session.h"
#include "load/swarm.h"

#define RESPONSE_MAX 16384

/* Masked with a key of zeros, as RFC 6455 allows: the text stays as it is. */
void bench_websocket_say(bench_client *client, const char *text, size_t len)
{
    static const uint8_t no_mask[4];
    sio_buf *frame = &client->swarm->frame;
    uint8_t header[SIO_WS_HEADER_MAX];

    sio_buf_clear(frame);
    sio_buf_append(frame, header, sio_ws_header_write(header, SIO_WS_TEXT, len, no_mask));
    sio_buf_append(frame, text, len);
    if (frame->err)
        bench_client_fail(client, "a client is out of memory", "for a frame");
    else
        bench_client_write(client, frame->data, frame->len);
}

static void on_deflated(bench_client *client, const char *payload, size_t len, uint64_t now)
{
    bench_swarm *swarm = client->swarm;

    swarm->deflated += client->state == BENCH_CLIENT_READY; /* what opens it is no message */
    sio_buf_clear(&swarm->inflated);
    if (sio_ws_inflate(swarm->inflater, &swarm->inflated, (sio_str){ payload, len },
                       swarm->frame_max))
        bench_client_fail(client, "the server sent", "a message that does not inflate");
    else
        bench_session_packet(client, swarm->inflated.data, swarm->inflated.len, now);
}

static void on_frame(bench_client *client, const sio_ws_header *header, const char *payload,
                     uint64_t now)
{
    if (header->opcode == SIO_WS_TEXT && header->fin && header->rsv && client->swarm->inflater)
        on_deflated(client, payload, header->length, now);
    else if (header->opcode == SIO_WS_TEXT && header->fin && !header->rsv)
        bench_session_packet(client, payload, header->length, now);
    else if (header->opcode == SIO_WS_CLOSE)
        bench_client_fail(client, "the server closed a client", "by a close frame");
    else
        bench_client_fail(client, "the server sent",
                          "a frame that a broadcast of text does not need");
}

static size_t take_frames(bench_client *client, const char *data, size_t len)
{
    const uint64_t now = client->swarm->arrived;
    size_t at = 0;
    sio_ws_header header;

    while (client->state != BENCH_CLIENT_CLOSED) {
        int err = sio_ws_header_read(&header, data + at, len - at);

        if (err == SIO_EAGAIN)
            break;
        if (err || header.length > client->swarm->frame_max) {
            bench_client_fail(client, "the server sent", "a frame that is malformed or too long");
            break;
        }
        if (len - at - header.size < header.length)
            break;
        on_frame(client, &header, data + at + header.size, now);
        at += header.size + header.length;
    }
    return at;
}

static size_t take_response(bench_client *client, const char *data, size_t len)
{
    const char *end = memmem(data, len, "\r\n\r\n", 4);

    if (!end) {
        if (len > RESPONSE_MAX)
            bench_client_fail(client, "the server answered", "with headers without an end");
        return 0;
    }
    if (len < 12 || memcmp(data, "HTTP/1.1 101", 12) != 0) {
        bench_client_fail(client, "the server refused the WebSocket",
                          data[0] == 'H' ? "no 101" : "no HTTP");
        return 0;
    }
    if (client->swarm->inflater && !memmem(data, (size_t)(end - data), "permessage-deflate", 18)) {
        bench_client_fail(client, "the server declined", "permessage-deflate");
        return 0;
    }
    client->state = BENCH_CLIENT_OPENING;
    return (size_t)(end + 4 - data);
}

size_t bench_websocket_take(bench_client *client, const char *data, size_t len)
{
    size_t used = 0;

    if (client->state == BENCH_CLIENT_UPGRADING)
        used = take_response(client, data, len);
    if (client->state > BENCH_CLIENT_UPGRADING)
        used += take_frames(client, data + used, len - used);
    return used;
}
