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
    char mark[24];
    char offset[64]; /* of the last delivery; "" without one */
    char heard[64];  /* what was delivered, in order: the event's names */
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
    snprintf(b->offset, sizeof b->offset, "%.*s", (int)message->offset.len,
             message->offset.data ? message->offset.data : "");
    strncat(b->heard, sio_value_at(&message->data, 0)->as.text, 1);
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
    snprintf(b->mark, sizeof b->mark, "%.*s", (int)entry->mark.len,
             entry->mark.data ? entry->mark.data : "");
    snprintf(b->entry, sizeof b->entry, "%.*s %.*s %.*s %.*s", (int)entry->uid.len, entry->uid.data,
             (int)entry->nsp.len, entry->nsp.data, (int)entry->type.len, entry->type.data,
             (int)entry->data.len, entry->data.data);
    return b->answer;
}

static void begin_with(bench *b, uint32_t recovery_ms)
{
    const sio_redis_options options = { .recovery_ms = recovery_ms };
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
    assert_int_equal(sio_streams_init(&b->streams, &host, &channels, &link, &options), 0);
    assert_int_equal(sio_sharded_open(&b->streams.members, SIO_STR("/")), 0);
    sio_sharded_ready(&b->streams.members, true, 0);
}

static void begin(bench *b)
{
    begin_with(b, 0);
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

/* ---- what is owed ---- */

static int emit(bench *b, const char *name, uint64_t now)
{
    const sio_value items[] = { sio_value_of_string(sio_str_from(name)) };
    const sio_cluster_message message = { .nsp = SIO_STR("/"),
                                          .data = sio_value_of_array(items, 1) };
    return sio_streams_broadcast(&b->streams, &message, now);
}

/* One of its own has been read. */
static void comes_back(bench *b, const char *mark, uint64_t number)
{
    const sio_entry entry = { .id = { 9, number },
                              .uid = SIO_STR(UID),
                              .nsp = SIO_STR("/"),
                              .type = SIO_STR("3"),
                              .data = SIO_STR(EVENT("")),
                              .mark = sio_str_from(mark) };
    sio_streams_receive(&b->streams, &entry, 0);
}

/* Did clients get what that entry has before it was read? */
static bool gave_out(const bench *b, const char *uid, const char *mark)
{
    const sio_entry entry = { .uid = sio_str_from(uid),
                              .nsp = SIO_STR("/"),
                              .mark = sio_str_from(mark) };
    return sio_streams_gave_out(&b->streams, &entry);
}

static void own_broadcasts_are_delivered_when_they_come_back(void **state)
{
    (void)state;
    bench b;
    begin_with(&b, 1000);
    assert_int_equal(emit(&b, "a", 0), SIO_ADAPTER_DELIVERS);
    assert_string_equal(b.mark, "1");
    assert_int_equal(emit(&b, "b", 0), SIO_ADAPTER_DELIVERS);
    receive(&b, "u", "/", "3", EVENT(""));
    assert_string_equal(b.heard, "e");
    comes_back(&b, "1", 1);
    assert_string_equal(b.heard, "ea");
    assert_string_equal(b.offset, "9-1");
    comes_back(&b, "1", 1);
    comes_back(&b, "junk", 1);
    comes_back(&b, "", 1);
    assert_string_equal(b.heard, "ea");
    comes_back(&b, "2", 2);
    assert_string_equal(b.heard, "eab");
    assert_string_equal(b.offset, "9-2");
    assert_int_equal(b.streams.owed.promised, 2);
    assert_int_equal(b.streams.owed.kept, 2);
    sio_streams_free(&b.streams);
}

static void one_that_does_not_come_back_holds_up_nothing(void **state)
{
    (void)state;
    bench b;
    begin_with(&b, 1000);
    assert_int_equal(emit(&b, "a", 0), SIO_ADAPTER_DELIVERS);
    assert_int_equal(emit(&b, "b", 0), SIO_ADAPTER_DELIVERS);
    comes_back(&b, "2", 2);
    assert_string_equal(b.heard, "ab");
    assert_string_equal(b.offset, "9-2");
    sio_streams_free(&b.streams);
}

static void without_a_link_nothing_is_owed(void **state)
{
    (void)state;
    bench b;
    begin_with(&b, 1000);
    assert_int_equal(emit(&b, "a", 0), SIO_ADAPTER_DELIVERS);
    sio_streams_ready(&b.streams, false, 0);
    assert_string_equal(b.heard, "a");
    assert_string_equal(b.offset, "");
    assert_int_equal(emit(&b, "b", 0), 0);
    assert_string_equal(b.mark, "2");
    sio_streams_ready(&b.streams, true, 0);
    assert_int_equal(emit(&b, "c", 0), SIO_ADAPTER_DELIVERS);
    comes_back(&b, "1", 1); /* Redis had it after all */
    comes_back(&b, "2", 2);
    assert_true(gave_out(&b, UID, "2"));
    assert_false(gave_out(&b, UID, "3"));
    assert_string_equal(b.heard, "a");
    comes_back(&b, "3", 3);
    assert_string_equal(b.heard, "ac");
    sio_streams_free(&b.streams);
}

static void nobody_waits_for_long(void **state)
{
    (void)state;
    bench b;
    begin_with(&b, 1000);
    assert_true(sio_streams_due(&b.streams) == UINT64_MAX);
    assert_int_equal(emit(&b, "a", 5), SIO_ADAPTER_DELIVERS);
    assert_int_equal(emit(&b, "b", 7), SIO_ADAPTER_DELIVERS);
    assert_int_equal(sio_streams_due(&b.streams), 5 + SIO_LIMIT_OWED_MS);
    sio_streams_tick(&b.streams, 4 + SIO_LIMIT_OWED_MS);
    assert_string_equal(b.heard, "");
    sio_streams_tick(&b.streams, 5 + SIO_LIMIT_OWED_MS);
    assert_string_equal(b.heard, "");
    assert_int_equal(sio_streams_due(&b.streams), 5 + SIO_LIMIT_OWED_MS + SIO_LIMIT_OWED_LAST_MS);
    sio_streams_tick(&b.streams, 5 + SIO_LIMIT_OWED_MS + SIO_LIMIT_OWED_LAST_MS);
    assert_string_equal(b.heard, "ab");
    assert_int_equal(b.warned, 1);
    assert_true(gave_out(&b, UID, "2"));
    assert_int_equal(emit(&b, "c", 2000), 0);
    comes_back(&b, "2", 1);
    assert_int_equal(emit(&b, "d", 2000), 0);
    comes_back(&b, "3", 2); /* it answers again */
    assert_int_equal(emit(&b, "f", 2000), SIO_ADAPTER_DELIVERS);
    assert_true(gave_out(&b, UID, "4")); /* "d" */
    assert_false(gave_out(&b, UID, "5"));
    assert_false(gave_out(&b, "0200000000000000", "4"));
    assert_false(gave_out(&b, UID, "junk"));
    assert_string_equal(b.heard, "ab");
    sio_streams_free(&b.streams);
}

/* What Redis said in time has waited to be read. */
static void a_node_that_stood_still_reads_first(void **state)
{
    (void)state;
    bench b;
    begin_with(&b, 1000);
    assert_int_equal(emit(&b, "a", 5), SIO_ADAPTER_DELIVERS);
    sio_streams_tick(&b.streams, 5000);
    comes_back(&b, "1", 1);
    assert_string_equal(b.heard, "a");
    assert_string_not_equal(b.offset, "");
    assert_int_equal(emit(&b, "b", 5000), SIO_ADAPTER_DELIVERS);
    assert_int_equal(sio_streams_due(&b.streams), 5000 + SIO_LIMIT_OWED_MS);
    assert_int_equal(b.warned, 0);
    sio_streams_free(&b.streams);
}

static void a_full_queue_delivers_what_is_owed(void **state)
{
    (void)state;
    bench b;
    begin_with(&b, 1000);
    assert_int_equal(emit(&b, "a", 0), SIO_ADAPTER_DELIVERS);
    b.answer = SIO_ELIMIT;
    assert_int_equal(emit(&b, "b", 0), SIO_ELIMIT);
    assert_string_equal(b.heard, "a");
    assert_null(b.streams.owed.head);
    sio_streams_free(&b.streams);
}

static void bytes_that_are_owed_are_limited(void **state)
{
    (void)state;
    bench b;
    begin_with(&b, 1000);
    char *text = calloc(SIO_LIMIT_OWED / 2, 1);
    memset(text, 'x', SIO_LIMIT_OWED / 2 - 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(emit(&b, text, 0), SIO_ADAPTER_DELIVERS);
    assert_int_equal(b.delivered, 2);
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
        cmocka_unit_test(own_broadcasts_are_delivered_when_they_come_back),
        cmocka_unit_test(one_that_does_not_come_back_holds_up_nothing),
        cmocka_unit_test(without_a_link_nothing_is_owed),
        cmocka_unit_test(nobody_waits_for_long),
        cmocka_unit_test(a_node_that_stood_still_reads_first),
        cmocka_unit_test(a_full_queue_delivers_what_is_owed),
        cmocka_unit_test(bytes_that_are_owed_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
