#include "load/swarm.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <sio/sys/mem.h>
#include <sio/sys/value.h>

#include "load/session.h"
#include "load/text.h"
#include "load/tls.h"

#define CLIENTS_PER_ADDRESS 10000
#define FRAME_OVERHEAD      4096 /* around the payload, and what else a server may have to say */

static int fail(const bench_swarm *swarm, const char *what, const char *detail)
{
    char text[512];

    (void)snprintf(text, sizeof text, "%s: %s", what, detail);
    swarm->on_failure(text, swarm->data);
    return -1;
}

/* ---- nodes ---- */

static unsigned node_of(const bench_swarm *swarm, const bench_client *client)
{
    uint32_t index = (uint32_t)(client - swarm->clients);
    uint32_t rooms = swarm->ledger->audience->rooms;

    /* not those of one room all to one node, when both numbers are even */
    return (index + index / rooms) % swarm->options->nodes;
}

const struct sockaddr *bench_swarm_server(const bench_swarm *swarm, const bench_client *client)
{
    return (const struct sockaddr *)&swarm->servers[node_of(swarm, client)];
}

const bench_url *bench_swarm_url(const bench_swarm *swarm, const bench_client *client)
{
    return &swarm->options->urls[node_of(swarm, client)];
}

const sio_buf *bench_swarm_request(const bench_swarm *swarm, const bench_client *client)
{
    return &swarm->requests[node_of(swarm, client)];
}

static int look_up(bench_swarm *swarm, unsigned node)
{
    const bench_url *url = &swarm->options->urls[node];
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int err = getaddrinfo(url->host, url->port, &hints, &found);

    if (err)
        return fail(swarm, url->host, gai_strerror(err));
    memcpy(&swarm->servers[node], found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

/* Without context the messages of all clients can go through one inflater. */
static const char deflate_offer[] =
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n";

static void write_request(bench_swarm *swarm, unsigned node)
{
    const bench_url *url = &swarm->options->urls[node];
    const char *separator = strchr(url->path, '?') ? "&" : "?";

    sio_buf_printf(&swarm->requests[node],
                   "GET %s%sEIO=4&transport=websocket HTTP/1.1\r\n"
                   "Host: %s:%s\r\n"
                   "Connection: Upgrade\r\n"
                   "Upgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: c2lvLWJlbmNoIGNsaWVudA==\r\n%s\r\n",
                   url->path, separator, url->host, url->port,
                   swarm->options->deflate ? deflate_offer : "");
}

/* ---- rooms ---- */

/* All names are of one length, so that messages are written once and the name in them replaced. */
sio_str bench_swarm_room(bench_swarm *swarm, uint32_t room)
{
    const bench_options *options = swarm->options;

    if (options->traffic == BENCH_PRIVATE)
        return sio_str_from(swarm->clients[room].sid);
    if (!options->rooms)
        return sio_str_from(options->room);
    (void)snprintf(swarm->name, sizeof swarm->name, "room %07u", room);
    return sio_str_from(swarm->name);
}

/* 420["join",ROOM]: with an acknowledgement, so that nobody broadcasts before it is done. */
const sio_buf *bench_swarm_join(bench_swarm *swarm, uint32_t client)
{
    const bench_audience *audience = swarm->ledger->audience;
    sio_buf *text = &swarm->join;

    sio_buf_clear(text);
    if (!swarm->options->room && !swarm->options->rooms)
        return text;
    sio_buf_text(text, audience->each > 1 ? "420[\"join\",[" : "420[\"join\",");
    for (uint32_t i = 0; i < audience->each; i++) {
        const uint32_t room = audience->room_of[(uint64_t)client * audience->each + i];
        const sio_str name = bench_swarm_room(swarm, room);

        if (i)
            sio_buf_byte(text, ',');
        sio_json_write_string(text, name.data, name.len);
    }
    sio_buf_text(text, audience->each > 1 ? "]]" : "]");
    return text;
}

/* ---- speech ---- */

/* 421["message-with-ack","<digits>…"], 421["survey","<digits>…"], 42["say","room …","<digits>…"] */
static void write_speech(bench_swarm *swarm)
{
    const bench_options *options = swarm->options;
    sio_buf *speech = &swarm->speech;
    const sio_str room = bench_swarm_room(swarm, 0);

    if (options->traffic == BENCH_ACK) {
        sio_buf_text(speech, "421[\"message-with-ack\",\"");
    } else if (options->traffic == BENCH_SURVEY) {
        sio_buf_text(speech, "421[\"survey\",\"");
    } else {
        sio_buf_text(speech, "42[\"say\",\"");
        swarm->room = speech->len;
        sio_buf_append(speech, room.data, room.len);
        sio_buf_text(speech, "\",\"");
    }
    swarm->digits = speech->len;
    bench_text_append(speech, options->payload, options->deflate);
    sio_buf_text(speech, "\"]");
}

void bench_swarm_say(bench_swarm *swarm, uint32_t client, uint32_t room, uint64_t sequence)
{
    if (swarm->room) {
        const sio_str name = bench_swarm_room(swarm, room);

        memcpy(swarm->speech.data + swarm->room, name.data, name.len);
    }
    bench_text_number(swarm->speech.data + swarm->digits, sequence);
    bench_session_say(&swarm->clients[client], swarm->speech.data, swarm->speech.len);
}

static sio_str before_digits(const bench_options *options)
{
    if (options->traffic == BENCH_ACK || options->traffic == BENCH_SURVEY)
        return SIO_STR("431[\"");
    return options->traffic == BENCH_SAY ? SIO_STR("42[\"said\",\"") : SIO_STR("42[\"b\",\"");
}

/* ---- all clients ---- */

int bench_swarm_init(bench_swarm *swarm)
{
    const bench_options *options = swarm->options;
    int err = 0;

    swarm->frame_max = (uint64_t)options->payload + FRAME_OVERHEAD;
    swarm->clients = sio_mem_zalloc(options->clients * sizeof *swarm->clients);
    swarm->read_buffer = sio_mem_alloc(BENCH_READ_BUFFER);
    swarm->before = before_digits(options);
    for (unsigned i = 0; i < options->nodes; i++) {
        write_request(swarm, i);
        err = err ? err : swarm->requests[i].err;
    }
    if (bench_options_speaking(options))
        write_speech(swarm);
    if (!swarm->clients || !swarm->read_buffer || err || swarm->speech.err ||
        (options->deflate && sio_ws_inflater_new(&swarm->inflater)))
        return fail(swarm, "the clients", "out of memory");
    if (options->rate) {
        err = bench_inlet_open(&swarm->inlet, swarm->loop, swarm->read_buffer);
        if (err)
            return fail(swarm, "the clients", uv_strerror(err));
    }
    for (unsigned i = 0; !err && i < options->nodes; i++)
        err = look_up(swarm, i);
    return err ? err : bench_tls_init(swarm);
}

static void open_more(bench_swarm *swarm)
{
    while (!swarm->closing && swarm->opened < swarm->options->clients &&
           swarm->opened - swarm->ready < swarm->options->connecting)
        bench_client_open(&swarm->clients[swarm->opened++], swarm);
}

void bench_swarm_open(bench_swarm *swarm)
{
    open_more(swarm);
}

bool bench_swarm_source(const bench_swarm *swarm, const bench_client *client,
                        struct sockaddr_in *out)
{
    const struct sockaddr_in *server =
        (const struct sockaddr_in *)bench_swarm_server(swarm, client);
    uint32_t block = (uint32_t)(client - swarm->clients) / CLIENTS_PER_ADDRESS;

    if (server->sin_family != AF_INET || ntohl(server->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
        return false;
    *out = (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (block << 8)) };
    return true;
}

void bench_swarm_client_ready(bench_swarm *swarm, const bench_client *client)
{
    swarm->ready++;
    bench_histogram_add(&swarm->joined, uv_hrtime() - client->began);
    open_more(swarm);
    if (swarm->ready == swarm->options->clients)
        swarm->on_ready(swarm->data);
}

void bench_swarm_client_failed(bench_swarm *swarm, const char *what, const char *detail)
{
    if (!swarm->closing)
        fail(swarm, what, detail);
}

void bench_swarm_close(bench_swarm *swarm)
{
    swarm->closing = true;
    bench_inlet_close(&swarm->inlet);
    for (uint32_t i = 0; i < swarm->opened; i++)
        bench_client_close(&swarm->clients[i]);
}

void bench_swarm_free(bench_swarm *swarm)
{
    for (unsigned i = 0; i < BENCH_NODES_MAX; i++)
        sio_buf_free(&swarm->requests[i]);
    sio_buf_free(&swarm->join);
    sio_buf_free(&swarm->frame);
    sio_buf_free(&swarm->speech);
    sio_buf_free(&swarm->inflated);
    sio_ws_inflater_free(swarm->inflater);
    bench_tls_free(swarm);
    bench_inlet_free(&swarm->inlet);
    sio_mem_free(swarm->read_buffer);
    sio_mem_free(swarm->clients);
}
