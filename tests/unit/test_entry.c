/* Entries of a stream: the bytes of @socket.io/redis-streams-adapter, both ways, and their ids. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/entry.h>
#include <sio/sys/limits.h>

#include "check.h"

static const char *const event =
    "{\"packet\":{\"type\":2,\"data\":[\"a\",1]},\"opts\":{\"rooms\":[\"r\"],\"except\":[],"
    "\"flags\":{\"volatile\":true}}}";
/* The same with the bytes 1 2 250 in place of the number, and no flag: as the package wrote it. */
static const char *const binary =
    "gqZwYWNrZXSCpHR5cGUCpGRhdGGSoWHEAwEC+qRvcHRzg6Vyb29tc5GhcqZleGNlcHSQpWZsYWdzgA==";

static sio_member_message read_entry(sio_arena *arena, const char *type, const char *data)
{
    const sio_entry entry = { .uid = SIO_STR("u"),
                              .nsp = SIO_STR("/"),
                              .type = sio_str_from(type),
                              .data = sio_str_from(data) };
    sio_member_message message;
    assert_int_equal(sio_entry_read(&message, arena, &entry), 0);
    return message;
}

static void check_written(const sio_member_message *message, const char *data)
{
    sio_buf out = { 0 };
    sio_entry_data(&out, message);
    assert_int_equal(out.err, 0);
    assert_int_equal(out.len, strlen(data));
    if (out.len)
        assert_memory_equal(out.data, data, out.len);
    sio_buf_free(&out);
}

static void events_are_read_and_written(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    sio_member_message message = read_entry(&arena, "3", event);
    assert_int_equal(message.type, SIO_MEMBER_BROADCAST);
    assert_true(message.asked.flags.is_volatile);
    assert_true(sio_str_equal(message.asked.rooms[0], SIO_STR("r")));
    assert_true(sio_entry_is_kept(&message));
    check_written(&message, event);
    message = read_entry(&arena, "3", binary);
    const sio_value *bytes = sio_value_at(&message.asked.data, 1);
    assert_int_equal(sio_value_type(bytes), SIO_TYPE_BINARY);
    assert_int_equal(bytes->count, 3);
    check_written(&message, binary);
    sio_arena_free(&arena);
}

static void orders_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *data;
        sio_cluster_op op;
    } rows[] = {
        { "4", "{\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}},\"rooms\":[\"x\"]}",
          SIO_CLUSTER_SOCKETS_JOIN },
        { "5", "{\"opts\":{\"rooms\":[],\"except\":[\"r\"],\"flags\":{}},\"rooms\":[\"x\"]}",
          SIO_CLUSTER_SOCKETS_LEAVE },
        { "6", "{\"opts\":{\"rooms\":[\"r\"],\"except\":[],\"flags\":{}},\"close\":true}",
          SIO_CLUSTER_DISCONNECT_SOCKETS },
    };
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const sio_member_message message = read_entry(&arena, rows[i].type, rows[i].data);
        assert_int_equal(message.asked.op, rows[i].op);
        assert_true(sio_entry_is_kept(&message));
        check_written(&message, rows[i].data);
    }
    sio_arena_free(&arena);
}

static void what_somebody_waits_for_is_not_kept(void **state)
{
    (void)state;
    sio_member_message message = { .type = SIO_MEMBER_BROADCAST, .id = SIO_STR("r") };
    assert_false(sio_entry_is_kept(&message));
    for (int type = SIO_MEMBER_FETCH; type <= SIO_MEMBER_CLOSE; type++) {
        message.type = (sio_member_type)type;
        assert_false(sio_entry_is_kept(&message));
    }
    message = (sio_member_message){ .type = SIO_MEMBER_HEARTBEAT };
    assert_false(sio_entry_is_kept(&message));
    check_written(&message, "");
}

static void what_is_no_entry_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *data;
    } rows[] = { { "", event },   { "0", event },   { "14", event }, { "-3", event },
                 { "3x", event }, { "003", event }, { "3", "" },     { "3", "x" },
                 { "3", "{" },    { "3", "{}" },    { "3", "[]" },   { "3", "!!!!" },
                 { "3", "wQ==" }, { "7", "{}" },    { "4", event },  { "3", "e30=" } };
    sio_arena arena = { 0 };
    sio_member_message message = { .uid = SIO_STR("untouched") };
    sio_entry entry = { .uid = SIO_STR("u"), .nsp = SIO_STR("/") };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        entry.type = sio_str_from(rows[i].type);
        entry.data = sio_str_from(rows[i].data);
        assert_int_equal(sio_entry_read(&message, &arena, &entry), SIO_EPARSE);
    }
    entry = (sio_entry){ .type = SIO_STR("2") };
    assert_int_equal(sio_entry_read(&message, &arena, &entry), SIO_EPARSE);
    static const char name[SIO_LIMIT_NAME + 1];
    entry.nsp = (sio_str){ name, sizeof name };
    assert_int_equal(sio_entry_read(&message, &arena, &entry), SIO_EPARSE);
    entry.nsp = SIO_STR("/");
    entry.uid = (sio_str){ name, sizeof name };
    assert_int_equal(sio_entry_read(&message, &arena, &entry), SIO_EPARSE);
    entry.uid = SIO_STR("\xff");
    assert_int_equal(sio_entry_read(&message, &arena, &entry), SIO_EPARSE);
    entry.uid = (sio_str){ NULL, 0 };
    assert_true(sio_str_equal(message.uid, SIO_STR("untouched")));
    assert_int_equal(sio_entry_read(&message, &arena, &entry), 0);
    sio_arena_free(&arena);
}

static void ids(void **state)
{
    (void)state;
    static const char *const good[] = { "0-0", "1700000000000-12",
                                        "18446744073709551615-18446744073709551615" };
    static const char *const bad[] = { "",
                                       "-",
                                       "1",
                                       "1-",
                                       "-1",
                                       "1-2-3",
                                       "1-x",
                                       "x-1",
                                       " 1-1",
                                       "1-1 ",
                                       "+1-1",
                                       "1--1",
                                       "$",
                                       "18446744073709551616-0",
                                       "0-18446744073709551616" };
    sio_entry_id id = { 0, 0 };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[SIO_ENTRY_ID_SIZE];
        assert_int_equal(sio_entry_id_read(&id, sio_str_from(good[i])), 0);
        assert_int_equal(sio_entry_id_write(text, id), strlen(good[i]));
        assert_string_equal(text, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sio_entry_id_read(&id, sio_str_from(bad[i])), SIO_EPARSE);
    const sio_entry_id one = { 1, 9 }, two = { 2, 0 }, three = { 2, 1 };
    assert_true(sio_entry_id_compare(one, two) < 0 && sio_entry_id_compare(two, three) < 0);
    assert_true(sio_entry_id_compare(three, one) > 0 && sio_entry_id_compare(three, two) > 0);
    assert_int_equal(sio_entry_id_compare(two, two), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_read_and_written),
        cmocka_unit_test(orders_are_read_and_written),
        cmocka_unit_test(what_somebody_waits_for_is_not_kept),
        cmocka_unit_test(what_is_no_entry_is_refused),
        cmocka_unit_test(ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
