#include "micro/cluster.h"

#include <stdio.h>
#include <stdlib.h>

#include <sio/socket.h>

#include "idle_link.h"
#include "redis/inlet.h"

static sio_classic classic;
static sio_inlet inlet = { .messages = true };
static redisReader *reader;

static void need(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "sio-bench-micro: %s\n", what);
    exit(1);
}

/* ---- a link that takes everything ---- */

static int publish(void *data, sio_str channel, sio_str payload)
{
    (void)data, (void)channel, (void)payload;
    return 0;
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    (void)data, (void)channel, (void)inquiry;
    return 0;
}

void bench_cluster_open(bench_stage *stage, unsigned joined)
{
    static const sio_classic_link link = { NULL,           publish,          count,
                                           idle_subscribe, idle_unsubscribe, idle_is_subscribed };
    const sio_adapter_host host = sio_core_adapter_host(stage->server);
    const sio_redis_options options = { .url = "" };

    need(!sio_classic_init(&classic, &host, &link, &options), "no adapter");
    need(!sio_classic_open(&classic, SIO_STR("/")), "no namespace");
    sio_classic_ready(&classic, true, 1000);
    need((reader = redisReaderCreate()) != NULL, "no reader");
    for (unsigned i = 0; i < joined; i++)
        need(!sio_socket_join(stage->clients[i]->sockets, "here"), "no room");
}

static void add_string(sio_buf *out, sio_str text)
{
    sio_buf_printf(out, "$%zu\r\n", text.len);
    sio_buf_append(out, text.data, text.len);
    sio_buf_text(out, "\r\n");
}

void bench_cluster_publish(const char *room, const sio_value *data)
{
    const sio_str name = sio_str_from(room);
    const sio_cluster_message message = { .uid = SIO_STR(SIO_CLUSTER_EMITTER_UID),
                                          .nsp = SIO_STR("/"),
                                          .rooms = &name,
                                          .rooms_count = 1,
                                          .flags.present = true,
                                          .data = *data };
    sio_buf channel = { 0 }, payload = { 0 };
    size_t size;

    sio_cluster_channel(&channel, SIO_STR(SIO_CLUSTER_KEY), message.nsp, name);
    sio_cluster_message_write(&payload, &message, SIO_CLUSTER_EMITTER);
    need(!channel.err && !payload.err && sio_inlet_room(&inlet, &size), "out of memory");
    for (unsigned i = 0; i < BENCH_CLUSTER_MESSAGES; i++) {
        sio_buf_text(&inlet.bytes, "*4\r\n$8\r\npmessage\r\n");
        add_string(&inlet.bytes, SIO_STR(SIO_CLUSTER_KEY "#/#*"));
        add_string(&inlet.bytes, (sio_str){ channel.data, channel.len });
        add_string(&inlet.bytes, (sio_str){ payload.data, payload.len });
    }
    need(!inlet.bytes.err, "out of memory");
    sio_buf_free(&channel);
    sio_buf_free(&payload);
}

void bench_cluster_hear(bench_stage *stage)
{
    sio_redis_message message;
    redisReply *reply;

    while (sio_inlet_next(&inlet, reader, &message, &reply) == SIO_INLET_MESSAGE)
        sio_classic_receive(&classic, message.name, message.channel, message.payload, 1000);
    need(classic.stats.received == BENCH_CLUSTER_MESSAGES, "messages are missing");
    bench_stage_turn(stage);
}
