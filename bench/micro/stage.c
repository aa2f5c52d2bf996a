#include "micro/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "sio-bench-micro: %s\n", what);
    exit(1);
}

/* ---- links ---- */

static void flush(sio_link *link, bool last)
{
    (void)last;
    sio_outbox_empty(&link->client->outbox);
}

static void cut(sio_link *link)
{
    (void)link;
}

static void send_now(sio_link *link, sio_frame *frame)
{
    (void)link, (void)frame;
}

static const sio_link_ops link_ops = { .flush = flush, .abort = cut, .send_now = send_now };

/* ---- the world ---- */

static void on_wake(void *data)
{
    ((bench_stage *)data)->woken = true;
}

static void on_arm(void *data, uint64_t due)
{
    (void)data, (void)due;
}

static void on_random(void *data, void *out, size_t len)
{
    bench_stage *stage = data;

    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] =
            (unsigned char)((stage->random = stage->random * 1664525u + 1013904223u) >> 24);
}

static uint64_t on_now(void *data)
{
    (void)data;
    return 1000;
}

static void on_settle(void *data)
{
    (void)data;
}

static const sio_net_ops net_ops = {
    .wake = on_wake, .arm = on_arm, .random = on_random, .now = on_now, .settle = on_settle
};

static void on_chat(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    bench_stage *stage = data;

    (void)socket, (void)ack;
    stage->heard += sio_value_get(sio_args_at(args, 0), "text") != NULL;
}

void bench_stage_open(bench_stage *stage, unsigned clients)
{
    const sio_server_options options = { 0 };

    *stage = (bench_stage){ .random = 1 };
    need(!sio_core_new(&stage->server, &options, &net_ops, stage, 1000), "no server");
    stage->root = sio_server_of(stage->server, "/");
    need(!sio_namespace_on(stage->root, "chat", on_chat, stage), "no handler");
    stage->links = calloc(clients, sizeof *stage->links);
    stage->clients = calloc(clients, sizeof *stage->clients);
    need(stage->links && stage->clients, "out of memory");
}

/* ---- clients ---- */

static sio_handshake *shake_hands(void)
{
    const sio_handshake_header headers[] = {
        { SIO_STR("Host"), SIO_STR("127.0.0.1:3000") },
        { SIO_STR("User-Agent"), SIO_STR("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36") },
        { SIO_STR("Origin"), SIO_STR("https://example.com") },
        { SIO_STR("Cookie"), SIO_STR("session=0123456789abcdef; theme=dark") },
    };

    return sio_handshake_new(
        &(sio_handshake_info){ .url = SIO_STR("/socket.io/?EIO=4&transport=websocket"),
                               .headers = headers,
                               .header_count = sizeof headers / sizeof *headers,
                               .address = SIO_STR("127.0.0.1") });
}

void bench_stage_say(bench_stage *stage, unsigned client, const char *text)
{
    char copy[512];
    const size_t len = strlen(text);

    need(len < sizeof copy, "the text is too long");
    memcpy(copy, text, len + 1); /* it is decoded in place */
    sio_client_text(stage->clients[client], &stage->links[client], copy, len);
}

void bench_stage_join(bench_stage *stage)
{
    const unsigned at = stage->count++;

    stage->links[at] = (sio_link){ .ops = &link_ops };
    need(!sio_client_new(&stage->clients[at], stage->server, SIO_EIO_WEBSOCKET, SIO_EIO_4,
                         shake_hands(), &stage->links[at]),
         "no client");
    bench_stage_say(stage, at, "40");
    bench_stage_turn(stage);
    need(stage->clients[at]->socket_count == 1, "the namespace was not joined");
}

void bench_stage_part(bench_stage *stage)
{
    const unsigned at = --stage->count;

    sio_client_lost(stage->clients[at], &stage->links[at], SIO_EIO_TRANSPORT_CLOSE);
    bench_stage_turn(stage);
}

void bench_stage_turn(bench_stage *stage)
{
    while (stage->woken) {
        stage->woken = false;
        sio_core_flush(stage->server);
    }
}

void bench_stage_close(bench_stage *stage)
{
    while (stage->count)
        bench_stage_part(stage);
    sio_core_close(stage->server);
    bench_stage_turn(stage);
    sio_core_free(stage->server);
    free(stage->links);
    free(stage->clients);
}
