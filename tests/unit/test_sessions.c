/* Sessions and packets that are kept in memory. */
#include "check.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/recovery.h>
#include <sio/sys/value.h>

typedef struct listener {
    sio_restorer restorer; /* first */
    unsigned answers;
    bool found;
    char text[2000]; /* sid, rooms, data, then the packets, as JSON */
} listener;

static sio_recovery *store;
static char last[SIO_OFFSET_SIZE];

static void append(listener *into, const sio_value *value)
{
    sio_buf text = { 0 };
    assert_int_equal(sio_json_write(&text, value, NULL), 0);
    const size_t len = strlen(into->text);
    snprintf(into->text + len, sizeof(into->text) - len, " %.*s", (int)text.len, text.data);
    sio_buf_free(&text);
}

/* Packets without their offsets, which must be texts that differ. */
static void append_packet(listener *into, const sio_value *packet)
{
    assert_true(packet->count > 1);
    assert_int_equal(packet->as.items[packet->count - 1].type, SIO_TYPE_STRING);
    const sio_value bare = sio_value_of_array(packet->as.items, packet->count - 1);
    append(into, &bare);
}

static void on_answer(sio_restorer *restorer, const sio_session *session, const sio_value *missed,
                      size_t count)
{
    listener *self = (listener *)(void *)restorer;
    self->answers++;
    self->found = session != NULL;
    if (!session)
        return;
    snprintf(self->text, sizeof(self->text), "%.*s", (int)session->sid.len, session->sid.data);
    for (size_t i = 0; i < session->rooms_count; i++) {
        const sio_value room = sio_value_of_string(session->rooms[i]);
        append(self, &room);
    }
    append(self, &session->data);
    for (size_t i = 0; i < count; i++)
        append_packet(self, &missed[i]);
}

static void open_store(size_t max_bytes)
{
    const sio_sessions_options options = { .session_ms = 1000,
                                           .packet_ms = 3000,
                                           .max_bytes = max_bytes,
                                           .seed = { 1, 2 },
                                           .epoch = 12345678901 };
    last[0] = 0;
    assert_int_equal(sio_sessions_new(&store, &options), 0);
}

static int persist_as(const char *pid, const char *nsp, uint64_t now)
{
    static const sio_str rooms[] = { { "sid", 3 }, { "r", 1 } };
    const sio_value entry[] = { sio_value_of_string(SIO_STR("n")), sio_value_of_int(1) };
    const sio_session session = { .nsp = sio_str_from(nsp),
                                  .sid = SIO_STR("sid"),
                                  .pid = sio_str_from(pid),
                                  .rooms = rooms,
                                  .rooms_count = 2,
                                  .data = sio_value_of_map(entry, 1) };
    return store->ops->persist(store, &session, now);
}

static int record(const char *nsp, const char *room, const char *except, const char *what,
                  uint64_t now)
{
    const sio_value items[] = { sio_value_of_string(SIO_STR("ev")),
                                sio_value_of_string(sio_str_from(what)) };
    const sio_str rooms[] = { sio_str_from(room) }, excepts[] = { sio_str_from(except) };
    const sio_cluster_message message = { .nsp = sio_str_from(nsp),
                                          .rooms = rooms,
                                          .rooms_count = room != NULL,
                                          .except = excepts,
                                          .except_count = except != NULL,
                                          .data = sio_value_of_array(items, 2) };
    char before[SIO_OFFSET_SIZE];
    memcpy(before, last, sizeof(before));
    const int err = store->ops->record(store, &message, now, last);
    assert_true(err || strcmp(before, last) != 0);
    return err;
}

static bool restore(const char *pid, const char *nsp, const char *offset, uint64_t now,
                    const char *expected)
{
    listener heard = { .restorer = { on_answer } };
    store->ops->restore(store, sio_str_from(nsp), sio_str_from(pid), sio_str_from(offset), now,
                        &heard.restorer);
    assert_int_equal(heard.answers, 1);
    if (heard.found)
        assert_string_equal(heard.text, expected);
    return heard.found;
}

static sio_recovery_stats counted(void)
{
    sio_recovery_stats stats;
    store->ops->stats(store, &stats);
    return stats;
}

static void close_store(void)
{
    store->ops->free(store);
}

static void packets_are_for_those_in_their_rooms(void **state)
{
    (void)state;
    open_store(100000);
    assert_int_equal(record("/", NULL, NULL, "0", 10), 0);
    char offset[SIO_OFFSET_SIZE];
    memcpy(offset, last, sizeof(offset));
    assert_int_equal(persist_as("p", "/", 10), 0);
    record("/", NULL, NULL, "1", 11);
    record("/", "r", NULL, "2", 11);
    record("/", "sid", NULL, "3", 11);
    record("/", "x", NULL, "-", 11);
    record("/", "r", "sid", "-", 11);
    record("/", NULL, "x", "4", 11);
    record("/b", NULL, NULL, "-", 11);
    assert_true(restore("p", "/", offset, 12,
                        "sid \"sid\" \"r\" {\"n\":1} [\"ev\",\"1\"] [\"ev\",\"2\"] [\"ev\",\"3\"] "
                        "[\"ev\",\"4\"]"));
    assert_false(restore("p", "/", offset, 12, ""));
    assert_int_equal(counted().sessions, 0);
    assert_int_equal(counted().packets, 8);
    close_store();
}

static void a_session_is_of_one_namespace(void **state)
{
    (void)state;
    open_store(100000);
    record("/", NULL, NULL, "0", 1);
    assert_false(store->ops->waits(store, SIO_STR("/")));
    assert_int_equal(persist_as("p", "/", 1), 0);
    assert_int_equal(persist_as("q", "/", 1), 0);
    assert_true(store->ops->waits(store, SIO_STR("/")));
    assert_false(store->ops->waits(store, SIO_STR("/b")));
    assert_false(restore("p", "/b", last, 1, ""));
    assert_true(restore("p", "/", last, 1, "sid \"sid\" \"r\" {\"n\":1}"));
    assert_true(store->ops->waits(store, SIO_STR("/")));
    assert_true(restore("q", "/", last, 1, "sid \"sid\" \"r\" {\"n\":1}"));
    assert_false(store->ops->waits(store, SIO_STR("/")));
    close_store();
}

static void a_pid_that_comes_again_replaces_the_first(void **state)
{
    (void)state;
    open_store(100000);
    record("/", NULL, NULL, "0", 1);
    assert_int_equal(persist_as("p", "/b", 1), 0);
    assert_int_equal(persist_as("p", "/", 500), 0);
    assert_int_equal(counted().sessions, 1);
    assert_true(restore("p", "/", last, 1500, "sid \"sid\" \"r\" {\"n\":1}"));
    close_store();
}

static void time_ends_them(void **state)
{
    (void)state;
    open_store(100000);
    assert_int_equal(store->ops->due(store), UINT64_MAX);
    record("/", NULL, NULL, "0", 100);
    assert_int_equal(store->ops->due(store), 4100);
    persist_as("p", "/", 200);
    assert_int_equal(store->ops->due(store), 2200);
    store->ops->tick(store, 1200);
    assert_int_equal(counted().sessions, 1);
    store->ops->tick(store, 1201);
    assert_int_equal(counted().sessions, 0);
    store->ops->tick(store, 3101);
    assert_int_equal(counted().packets, 0);
    assert_int_equal(counted().bytes, 0);
    assert_int_equal(counted().dropped, 0);
    assert_int_equal(store->ops->due(store), UINT64_MAX);
    close_store();
}

static void what_aged_is_no_gap(void **state)
{
    (void)state;
    open_store(100000);
    record("/", NULL, NULL, "0", 100);
    char offset[SIO_OFFSET_SIZE];
    memcpy(offset, last, sizeof(offset));
    record("/", NULL, NULL, "1", 200);
    persist_as("p", "/", 9000);
    record("/", NULL, NULL, "2", 9100);
    assert_true(restore("p", "/", offset, 9200, "sid \"sid\" \"r\" {\"n\":1} [\"ev\",\"2\"]"));
    close_store();
}

static void the_oldest_go_for_the_bytes(void **state)
{
    (void)state;
    open_store(3000);
    record("/", NULL, NULL, "0", 1);
    char first[SIO_OFFSET_SIZE];
    memcpy(first, last, sizeof(first));
    persist_as("early", "/", 2);
    for (int i = 0; i < 200; i++)
        record("/", NULL, NULL, "more", 3);
    persist_as("late", "/", 4);
    assert_true(counted().bytes <= 3000);
    assert_true(counted().dropped > 100);
    assert_false(restore("early", "/", last, 5, ""));
    char newest[SIO_OFFSET_SIZE];
    memcpy(newest, last, sizeof(newest));
    persist_as("again", "/", 5);
    assert_true(restore("late", "/", newest, 5, "sid \"sid\" \"r\" {\"n\":1}"));
    assert_false(restore("again", "/", first, 5, "")); /* there is a gap behind it */
    close_store();
}

static void what_is_larger_than_all_is_a_gap(void **state)
{
    (void)state;
    static char large[5000];
    memset(large, 'x', sizeof(large) - 1);
    open_store(3000);
    record("/", NULL, NULL, "0", 1);
    persist_as("p", "/", 2);
    assert_int_equal(record("/", NULL, NULL, large, 3), SIO_ELIMIT);
    assert_false(restore("p", "/", last, 4, ""));
    assert_int_equal(counted().dropped, 1);
    record("/", NULL, NULL, "1", 5);
    persist_as("q", "/", 6);
    record("/", NULL, NULL, "2", 7);
    assert_true(restore("q", "/", last, 8, "sid \"sid\" \"r\" {\"n\":1}"));
    close_store();
    open_store(50);
    assert_int_equal(persist_as("p", "/", 1), SIO_ELIMIT);
    assert_int_equal(record("/", NULL, NULL, "0", 1), SIO_ELIMIT);
    assert_int_equal(counted().bytes, 0);
    close_store();
}

static void offsets_stay_right_while_the_ring_goes_round(void **state)
{
    (void)state;
    static char offsets[1000][SIO_OFFSET_SIZE];
    open_store(1000000);
    for (unsigned i = 0; i < 1000; i++) {
        char what[8];
        snprintf(what, sizeof(what), "%u", i);
        record("/", NULL, NULL, what, 10 * i);
        memcpy(offsets[i], last, sizeof(last));
        if (i < 2)
            continue;
        char expected[100];
        persist_as("p", "/", 10 * i);
        snprintf(expected, sizeof(expected),
                 "sid \"sid\" \"r\" {\"n\":1} [\"ev\",\"%u\"] [\"ev\",\"%u\"]", i - 1, i);
        assert_true(restore("p", "/", offsets[i - 2], 10 * i, expected));
    }
    assert_in_range(counted().packets, 300, 302);
    close_store();
}

static void offsets_of_others_are_unknown(void **state)
{
    (void)state;
    open_store(100000);
    record("/", NULL, NULL, "0", 1);
    char changed[SIO_OFFSET_SIZE];
    const char *wrong[] = { "", "abcdef.1", "zzzzzz.1", ".", "1" };
    for (size_t i = 0; i < 5; i++) {
        persist_as("p", "/", 1);
        assert_false(restore("p", "/", wrong[i], 1, ""));
    }
    for (const char *end = "023456789abz.A \xff"; *end; end++) {
        memcpy(changed, last, sizeof(changed));
        changed[strlen(changed) - 1] = *end;
        persist_as("p", "/", 1);
        assert_false(restore("p", "/", changed, 1, ""));
    }
    persist_as("p", "/", 1);
    assert_true(restore("p", "/", last, 1, "sid \"sid\" \"r\" {\"n\":1}"));
    close_store();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_for_those_in_their_rooms),
        cmocka_unit_test(a_session_is_of_one_namespace),
        cmocka_unit_test(a_pid_that_comes_again_replaces_the_first),
        cmocka_unit_test(time_ends_them),
        cmocka_unit_test(what_aged_is_no_gap),
        cmocka_unit_test(the_oldest_go_for_the_bytes),
        cmocka_unit_test(what_is_larger_than_all_is_a_gap),
        cmocka_unit_test(offsets_stay_right_while_the_ring_goes_round),
        cmocka_unit_test(offsets_of_others_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
