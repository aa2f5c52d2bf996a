#include "load/swarm.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <sio/sys/mem.h>
#include <sio/sys/value.h>
#include <sio/sys/ws.h>

#define CLIENTS_PER_ADDRESS 10000
#define FRAME_OVERHEAD      4096 /* around the payload, and what else a server may have to say */

static int fail(const bench_swarm *swarm, const char *what, const char *detail)
{
    char text[512];

    (void)snprintf(text, sizeof text, "%s: %s", what, detail);
    swarm->on_failure(text, swarm->data);
    return -1;
}

static int look_up(bench_swarm *swarm)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int err = getaddrinfo(swarm->options->host, swarm->options->port, &hints, &found);

    if (err)
        return fail(swarm, swarm->options->host, gai_strerror(err));
    memcpy(&swarm->server, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

/* Without context the messages of all clients can go through one inflater. */
static const char deflate_offer[] =
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n";

static void write_request(bench_swarm *swarm)
{
    const bench_options *options = swarm->options;
    const char *separator = strchr(options->path, '?') ? "&" : "?";

    sio_buf_printf(&swarm->request,
                   "GET %s%sEIO=4&transport=websocket HTTP/1.1\r\n"
                   "Host: %s:%s\r\n"
                   "Connection: Upgrade\r\n"
                   "Upgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: c2lvLWJlbmNoIGNsaWVudA==\r\n%s\r\n",
                   options->path, separator, options->host, options->port,
                   options->deflate ? deflate_offer : "");
}

/* 420["join",ROOM]: with an acknowledgement, so that nobody broadcasts before it is done. */
static void write_join(bench_swarm *swarm)
{
    static const uint8_t no_mask[4];
    const char *room = swarm->options->room;
    uint8_t header[SIO_WS_HEADER_MAX];
    sio_buf text = { 0 };

    if (!room)
        return;
    sio_buf_text(&text, "420[\"join\",");
    sio_json_write_string(&text, room, strlen(room));
    sio_buf_byte(&text, ']');
    sio_buf_append(&swarm->join, header,
                   sio_ws_header_write(header, SIO_WS_TEXT, text.len, no_mask));
    sio_buf_append(&swarm->join, text.data, text.len);
    if (text.err)
        swarm->join.err = text.err;
    sio_buf_free(&text);
}

int bench_swarm_init(bench_swarm *swarm)
{
    swarm->frame_max = (uint64_t)swarm->options->payload + FRAME_OVERHEAD;
    swarm->clients = sio_mem_zalloc(swarm->options->clients * sizeof *swarm->clients);
    swarm->read_buffer = sio_mem_alloc(BENCH_READ_BUFFER);
    write_request(swarm);
    write_join(swarm);
    if (!swarm->clients || !swarm->read_buffer || swarm->request.err || swarm->join.err ||
        (swarm->options->deflate && sio_ws_inflater_new(&swarm->inflater)))
        return fail(swarm, "the clients", "out of memory");
    return look_up(swarm);
}

static void open_more(bench_swarm *swarm)
{
    while (!swarm->closing && swarm->opened < swarm->options->clients &&
           swarm->opened - swarm->ready < BENCH_CONNECTING_MAX)
        bench_client_open(&swarm->clients[swarm->opened++], swarm);
}

void bench_swarm_open(bench_swarm *swarm)
{
    open_more(swarm);
}

bool bench_swarm_source(const bench_swarm *swarm, const bench_client *client,
                        struct sockaddr_in *out)
{
    const struct sockaddr_in *server = (const struct sockaddr_in *)&swarm->server;
    uint32_t block = (uint32_t)(client - swarm->clients) / CLIENTS_PER_ADDRESS;

    if (server->sin_family != AF_INET || ntohl(server->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
        return false;
    *out = (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (block << 8)) };
    return true;
}

void bench_swarm_client_ready(bench_swarm *swarm)
{
    swarm->ready++;
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
    for (uint32_t i = 0; i < swarm->opened; i++)
        bench_client_close(&swarm->clients[i]);
}

void bench_swarm_free(bench_swarm *swarm)
{
    sio_buf_free(&swarm->request);
    sio_buf_free(&swarm->join);
    sio_buf_free(&swarm->inflated);
    sio_ws_inflater_free(swarm->inflater);
    sio_mem_free(swarm->read_buffer);
    sio_mem_free(swarm->clients);
}
