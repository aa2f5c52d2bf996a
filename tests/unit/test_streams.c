/* The streams adapter without Redis: what goes into the stream and what by channels, what becomes
 * of entries. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "check.h"
#include "cluster/streams.h"

typedef struct bench {
    sio_streams streams;
    char random;
    int answer; /* of the next entries and publishes */
    unsigned added, published, delivered, served, warned;
    char entry[512]; /* "uid nsp type data" */
    char offset[64];
    char payload[256];
    sio_cluster_op op;
} bench;

static bool has_room(void *data, sio_str nsp, sio_str room)
{
    (void)data;
    (void)nsp;
    return sio_str_equal(room, SIO_STR("here"));
}

static void each_room(void *data, sio_str nsp, void (*each)(void *each_data, sio_str room),
                      void *each_data)
{
    (void)data;
    (void)nsp;
    each(each_data, SIO_STR("here"));
}

static void deliver(void *data, const sio_cluster_message *message)
{
    bench *b = data;
    b->delivered++;
    snprintf(b->offset, sizeof b->offset, "%.*s", (int)message->offset.len, message->offset.data);
}

static void serve(void *data, const sio_cluster_request *request, sio_answerer *answerer)
{
    bench *b = data;
    b->served++;
    b->op = request->op;
    if (answerer)
        answerer->end(answerer);
}

static void warn(void *data, const char *text)
{
    (void)text;
    ((bench *)data)->warned++;
}

static void give_random(void *data, void *out, size_t len)
{
    memset(out, 0, len);
    *(char *)out = ((bench *)data)->random++;
}

static int publish(void *data, sio_str channel, sio_str payload)
{
    bench *b = data;
    (void)channel;
    b->published++;
    snprintf(b->payload, sizeof b->payload, "%.*s", (int)payload.len, payload.data);
    return b->answer;
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    (void)channel;
    (void)inquiry;
    return ((bench *)data)->answer;
}

static int subscribe(void *data, sio_str channel)
{
    (void)channel;
    return ((bench *)data)->answer;
}

static void unsubscribe(void *data, sio_str channel)
{
    (void)data;
    (void)channel;
}

static int append(void *data, const sio_member_message *message)
{
    return sio_streams_append(&((bench *)data)->streams, message);
}

static int add(void *data, const sio_entry *entry)
{
    bench *b = data;
    b->added++;
    snprintf(b->entry, sizeof b->entry, "%.*s %.*s %.*s %.*s", (int)entry->uid.len, entry->uid.data,
             (int)entry->nsp.len, entry->nsp.data, (int)entry->type.len, entry->type.data,
             (int)entry->data.len, entry->data.data);
    return b->answer;
}

static void begin(bench *b)
{
    const sio_adapter_host host = { .data = b,
                                    .has_room = has_room,
                                    .rooms = each_room,
                                    .deliver = deliver,
                                    .serve = serve,
                                    .warn = warn,
                                    .random = give_random };
    const sio_sharded_link channels = { b, publish, count, subscribe, unsubscribe, append };
    const sio_streams_link link = { b, add };
    *b = (bench){ .answer = 0 };
    assert_int_equal(
        sio_streams_init(&b->streams, &host, &channels, &link, &(sio_redis_options){ 0 }), 0);
    assert_int_equal(sio_sharded_open(&b->streams.members, SIO_STR("/")), 0);
    sio_sharded_ready(&b->streams.members, true, 0);
}

static void receive(bench *b, const char *uid, const char *nsp, const char *type, const char *data)
{
    const sio_entry entry = { .id = { 7, 1 },
                              .uid = sio_str_from(uid),
                              .nsp = sio_str_from(nsp),
                              .type = sio_str_from(type),
                              .data = sio_str_from(data) };
    sio_streams_receive(&b->streams, &entry, 0);
}

#define UID "0100000000000000"
#define EVENT(rooms)                                                                               \
    "{\"packet\":{\"type\":2,\"data\":[\"e\"]},\"opts\":{\"rooms\":[" rooms                        \
    "],\"except\":[],\"flags\":{}}}"

static const sio_value event[] = { { .type = SIO_TYPE_STRING, .count = 1, .as.text = "e" } };

static void what_nobody_waits_for_goes_into_the_stream(void **state)
{
    (void)state;
    bench b;
    begin(&b);
    const sio_cluster_message message = { .nsp = SIO_STR("/"),
                                          .rooms = &SIO_STR("r"),
                                          .rooms_count = 1,
                                          .flags.present = true,
                                          .data = sio_value_of_array(event, 1) };
    assert_int_equal(sio_sharded_broadcast(&b.streams.members, &message), 0);
    assert_string_equal(b.entry, UID " / 3 " EVENT("\"r\""));
    sio_cluster_request request = { .op = SIO_CLUSTER_SOCKETS_JOIN,
                                    .nsp = SIO_STR("/"),
                                    .targets = &SIO_STR("x"),
                                    .targets_count = 1 };
    assert_int_equal(sio_sharded_tell(&b.streams.members, &request), 0);
    assert_int_equal(b.added, 2);
    request = (sio_cluster_request){ .op = SIO_CLUSTER_SERVER_SIDE_EMIT,
                                     .nsp = SIO_STR("/"),
                                     .data = sio_value_of_array(event, 1) };
    assert_int_equal(sio_sharded_tell(&b.streams.members, &request), 0);
    assert_int_equal(b.added, 2);
    assert_int_equal(b.published, 1);
    assert_int_equal((unsigned char)b.payload[0], 0x84); /* MessagePack, though without binary */
    b.answer = SIO_ELIMIT;
    assert_int_equal(sio_sharded_broadcast(&b.streams.members, &message), SIO_ELIMIT);
    sio_streams_free(&b.streams);
}

static void entries_are_handed_on_with_their_place(void **state)
{
    (void)state;
    bench b;
    begin(&b);
    receive(&b, "u", "/", "3", EVENT("\"here\""));
    assert_int_equal(b.delivered, 1);
    assert_string_equal(b.offset, "7-1");
    receive(&b, "u", "/", "3", EVENT("\"elsewhere\""));
    receive(&b, "u", "/none", "3", "junk, but nobody looks");
    assert_int_equal(b.streams.members.stats.elsewhere, 2);
    receive(&b, UID, "/", "3", EVENT(""));
    assert_int_equal(b.streams.members.stats.own, 1);
    receive(&b, "u", "/", "6", "{\"opts\":{\"rooms\":[],\"except\":[]},\"close\":true}");
    assert_int_equal(b.served, 1);
    assert_int_equal(b.op, SIO_CLUSTER_DISCONNECT_SOCKETS);
    assert_int_equal(b.delivered, 1);
    assert_int_equal(b.warned, 0);
    sio_streams_free(&b.streams);
}

static void junk_is_counted(void **state)
{
    (void)state;
    bench b;
    begin(&b);
    receive(&b, "u", "/", "3", "junk");
    receive(&b, "u", "/", "99", EVENT(""));
    sio_streams_receive(&b.streams, &(sio_entry){ .id = { 1, 1 } }, 0);
    assert_int_equal(b.streams.members.stats.malformed, 3);
    assert_int_equal(b.streams.members.stats.received, 3);
    assert_int_equal(b.warned, 1);
    sio_streams_free(&b.streams);
}

static void what_is_too_long_is_not_sent(void **state)
{
    (void)state;
    bench b;
    begin(&b);
    const size_t size = SIO_LIMIT_PUBLISH;
    char *text = calloc(size, 1);
    memset(text, 'x', size);
    const sio_value items[] = { event[0], sio_value_of_string((sio_str){ text, size }) };
    const sio_cluster_message message = { .nsp = SIO_STR("/"),
                                          .data = sio_value_of_array(items, 2) };
    assert_int_equal(sio_sharded_broadcast(&b.streams.members, &message), SIO_ELIMIT);
    assert_int_equal(b.added, 0);
    assert_int_equal(b.streams.members.stats.published_lost, 1);
    free(text);
    sio_streams_free(&b.streams);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_waits_for_goes_into_the_stream),
        cmocka_unit_test(entries_are_handed_on_with_their_place),
        cmocka_unit_test(junk_is_counted),
        cmocka_unit_test(what_is_too_long_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
