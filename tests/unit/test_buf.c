#include "check.h"

#include <sio/err.h>
#include <sio/sys/buf.h>
#include <sio/sys/limits.h>

static void appends(void **state)
{
    (void)state;
    sio_buf buf = { 0 };
    sio_buf_text(&buf, "one ");
    sio_buf_append(&buf, "two three", 4);
    sio_buf_byte(&buf, '+');
    sio_buf_printf(&buf, "%d%s", 42, "!");
    sio_buf_append(&buf, NULL, 0);
    assert_int_equal(buf.err, 0);
    assert_int_equal(buf.len, 12);
    assert_memory_equal(buf.data, "one two +42!", 12);
    sio_buf_free(&buf);
    assert_null(buf.data);
}

static void grows_and_consumes(void **state)
{
    (void)state;
    sio_buf buf = { 0 };
    for (int i = 0; i < 100000; i++)
        sio_buf_byte(&buf, (char)i);
    assert_int_equal(buf.len, 100000);
    sio_buf_consume(&buf, 99990);
    assert_int_equal(buf.len, 10);
    for (int i = 0; i < 10; i++)
        assert_int_equal(buf.data[i], (char)(99990 + i));
    sio_buf_consume(&buf, 10);
    assert_int_equal(buf.len, 0);
    sio_buf_consume(&buf, 0);
    sio_buf_free(&buf);
}

static void reserve_gives_room(void **state)
{
    (void)state;
    sio_buf buf = { 0 };
    assert_non_null(sio_buf_reserve(&buf, 0));
    char *room = sio_buf_reserve(&buf, 1000);
    assert_non_null(room);
    memset(room, 'x', 1000);
    assert_int_equal(buf.len, 0);
    assert_true(buf.cap >= 1000);
    assert_ptr_equal(sio_buf_reserve(&buf, 1000), room);
    sio_buf_free(&buf);
}

static void keeps_its_first_error(void **state)
{
    (void)state;
    sio_buf buf = { 0 };
    sio_buf_text(&buf, "abc");
    assert_null(sio_buf_reserve(&buf, SIO_LIMIT_LENGTH));
    assert_int_equal(buf.err, SIO_ELIMIT);
    sio_buf_text(&buf, "ignored");
    sio_buf_byte(&buf, 'x');
    sio_buf_printf(&buf, "%d", 1);
    assert_null(sio_buf_reserve(&buf, 1));
    assert_int_equal(buf.len, 3);
    sio_buf_clear(&buf);
    sio_buf_text(&buf, "new");
    assert_int_equal(buf.err, 0);
    assert_memory_equal(buf.data, "new", 3);
    assert_null(sio_buf_reserve(&buf, SIZE_MAX));
    sio_buf_free(&buf);
    assert_int_equal(buf.err, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(grows_and_consumes),
        cmocka_unit_test(reserve_gives_room),
        cmocka_unit_test(keeps_its_first_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
