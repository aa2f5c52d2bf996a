/* The classic adapter between a server and a Redis that are one object: what it publishes is kept,
 * what it asks of either is counted. */
#ifndef SIO_TESTS_ADAPTER_BENCH_H
#define SIO_TESTS_ADAPTER_BENCH_H

#include <stdio.h>

#include "check.h"
#include "idle_link.h"

typedef struct adapter_bench {
    sio_classic classic;
    const char *room; /* the one room that somebody here is in, in every namespace */
    unsigned published;
    int publish_answer;    /* what the link says to a publish */
    int count_answer;      /* and to a count */
    char channel[128];     /* of the last that was published */
    char payload[1024];    /* NUL-terminated */
    sio_inquiry *counting; /* the last that Redis is to count for */
    unsigned served;
    sio_cluster_op op; /* of the last request that was served */
    char said[512];    /* the same in words */
    uint32_t timeout_ms;
    sio_answerer *answerer;
    unsigned warned;
    unsigned char random;
} adapter_bench;

static bool bench_has_room(void *data, sio_str nsp, sio_str room)
{
    const adapter_bench *bench = data;
    (void)nsp;
    return sio_str_equal(room, sio_str_from(bench->room));
}

static void bench_names(char **at, const char *what, const sio_str *names, size_t count)
{
    *at += sprintf(*at, " %s", what);
    for (size_t i = 0; i < count; i++)
        *at += sprintf(*at, ",%.*s", (int)names[i].len, names[i].data);
}

static void bench_serve(void *data, const sio_cluster_request *request, sio_answerer *answerer)
{
    adapter_bench *bench = data;
    char *at = bench->said;
    bench->served++;
    bench->op = request->op;
    bench->answerer = answerer;
    bench->timeout_ms = request->timeout_ms;
    at += sprintf(at, "%.*s", (int)request->nsp.len, request->nsp.data);
    bench_names(&at, "in", request->rooms, request->rooms_count);
    bench_names(&at, "except", request->except, request->except_count);
    bench_names(&at, "to", request->targets, request->targets_count);
    if (request->close)
        at += sprintf(at, " close");
    if (request->flags.is_volatile)
        at += sprintf(at, " volatile");
    if (request->data.type == SIO_TYPE_ARRAY) {
        char *json;
        assert_int_equal(sio_value_to_json(&request->data, &json, NULL), 0);
        sprintf(at, " %s", json);
        sio_free(json);
    }
}

static void bench_rooms(void *data, sio_str nsp, void (*each)(void *each_data, sio_str room),
                        void *each_data)
{
    (void)data, (void)nsp, (void)each, (void)each_data;
}

static void bench_warn(void *data, const char *text)
{
    adapter_bench *bench = data;
    (void)text;
    bench->warned++;
}

static void bench_random(void *data, void *out, size_t len)
{
    adapter_bench *bench = data;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = bench->random++;
}

static int bench_publish(void *data, sio_str channel, sio_str payload)
{
    adapter_bench *bench = data;
    bench->published++;
    snprintf(bench->channel, sizeof bench->channel, "%.*s", (int)channel.len, channel.data);
    assert_true(payload.len < sizeof bench->payload);
    memcpy(bench->payload, payload.data, payload.len);
    bench->payload[payload.len] = '\0';
    return bench->publish_answer;
}

static int bench_count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    adapter_bench *bench = data;
    assert_true(sio_str_equal(channel, SIO_STR("socket.io-request#/#")));
    if (!bench->count_answer)
        bench->counting = inquiry;
    return bench->count_answer;
}

/* With the namespaces "/" and "/a", and a link that stands. */
static void bench_begin(adapter_bench *bench, const sio_redis_options *options)
{
    const sio_adapter_host host = { .data = bench,
                                    .has_room = bench_has_room,
                                    .serve = bench_serve,
                                    .rooms = bench_rooms,
                                    .warn = bench_warn,
                                    .random = bench_random };
    const sio_classic_link link = { bench,          bench_publish,    bench_count,
                                    idle_subscribe, idle_unsubscribe, idle_is_subscribed };
    *bench = (adapter_bench){ .room = "here" };
    assert_int_equal(sio_classic_init(&bench->classic, &host, &link, options), 0);
    assert_int_equal(sio_classic_open(&bench->classic, SIO_STR("/")), 0);
    assert_int_equal(sio_classic_open(&bench->classic, SIO_STR("/a")), 0);
    sio_classic_ready(&bench->classic, true, 0);
}

static void bench_receive(adapter_bench *bench, const char *channel, sio_str payload)
{
    char *copy = malloc(payload.len + 1);
    memcpy(copy, payload.data, payload.len);
    sio_classic_receive_channel(&bench->classic, sio_str_from(channel),
                                (sio_str){ copy, payload.len }, 0);
    free(copy);
}

#endif
