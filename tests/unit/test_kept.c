/* Sessions as they are kept in Redis, and what a client has missed. */
#include <sio/err.h>
#include <sio/sys/kept.h>

#include "check.h"

/* {sid: "s", pid: "p", rooms: ["s", 7], data: {n: 1}} by @msgpack/msgpack, in base64. */
static const char *const theirs = "hKNzaWShc6NwaWShcKVyb29tc5KhcwekZGF0YYGhbgE=";

static void a_session_of_the_package_is_read(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    sio_session session;
    assert_int_equal(sio_kept_read(&session, &arena, sio_str_from(theirs)), 0);
    assert_true(sio_str_equal(session.sid, SIO_STR("s")));
    assert_true(sio_str_equal(session.pid, SIO_STR("p")));
    assert_null(session.nsp.data);
    assert_int_equal(session.rooms_count, 2);
    assert_true(sio_str_equal(session.rooms[1], SIO_STR("7")));
    assert_int_equal(sio_value_int(sio_value_get(&session.data, "n")), 1);
    sio_arena_free(&arena);
}

static void what_is_written_reads_the_same(void **state)
{
    (void)state;
    const sio_str rooms[] = { SIO_STR("s"), SIO_STR("a room") };
    const sio_session session = { .nsp = SIO_STR("/n"),
                                  .sid = SIO_STR("s"),
                                  .pid = SIO_STR("p"),
                                  .rooms = rooms,
                                  .rooms_count = 2,
                                  .data = { .type = SIO_TYPE_UNDEFINED } };
    sio_arena arena = { 0 };
    sio_buf out = { 0 };
    sio_session again;
    sio_kept_write(&out, &session);
    assert_int_equal(out.err, 0);
    assert_int_equal(sio_kept_read(&again, &arena, (sio_str){ out.data, out.len }), 0);
    assert_true(sio_str_equal(again.nsp, session.nsp));
    assert_int_equal(again.rooms_count, 2);
    assert_true(sio_str_equal(again.rooms[1], rooms[1]));
    assert_int_equal(sio_value_type(&again.data), SIO_TYPE_MAP);
    assert_int_equal(sio_value_count(&again.data), 0);
    sio_buf_free(&out);
    sio_arena_free(&arena);
}

static void what_is_no_session_is_refused(void **state)
{
    (void)state;
    /* nothing, no base64, {}, [], {"sid":1}, rooms that are none */
    static const char *const rows[] = { "",
                                        "!",
                                        "gA==",
                                        "kA==",
                                        "eyJzaWQiOjF9",
                                        "hKNzaWSh",
                                        "eyJzaWQiOiJzIiwicGlkIjoicCIsInJvb21zIjoxfQ==" };
    sio_arena arena = { 0 };
    sio_session session = { .sid = SIO_STR("untouched") };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sio_kept_read(&session, &arena, sio_str_from(rows[i])), SIO_EPARSE);
    assert_true(sio_str_equal(session.sid, SIO_STR("untouched")));
    sio_arena_free(&arena);
}

static void what_was_missed(void **state)
{
    (void)state;
    const sio_str rooms[] = { SIO_STR("s"), SIO_STR("r") };
    const sio_str r[] = { SIO_STR("x"), SIO_STR("r") }, x[] = { SIO_STR("x") };
    const sio_session session = { .rooms = rooms, .rooms_count = 2 };
    const struct {
        bool missed;
        sio_member_message message;
    } rows[] = {
        { true, { SIO_MEMBER_BROADCAST, .asked = { 0 } } },
        { true, { SIO_MEMBER_BROADCAST, .asked = { .rooms = r, .rooms_count = 2 } } },
        { false, { SIO_MEMBER_BROADCAST, .asked = { .rooms = x, .rooms_count = 1 } } },
        { false, { SIO_MEMBER_BROADCAST, .asked = { .except = r, .except_count = 2 } } },
        { true, { SIO_MEMBER_BROADCAST, .asked = { .except = x, .except_count = 1 } } },
        { false, { SIO_MEMBER_BROADCAST, .asked = { .flags.is_volatile = true } } },
        { false, { SIO_MEMBER_BROADCAST, .id = SIO_STR("i"), .asked = { 0 } } },
        { false, { SIO_MEMBER_JOIN, .asked = { 0 } } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sio_kept_missed(&session, &rows[i].message), rows[i].missed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_of_the_package_is_read),
        cmocka_unit_test(what_is_written_reads_the_same),
        cmocka_unit_test(what_is_no_session_is_refused),
        cmocka_unit_test(what_was_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
