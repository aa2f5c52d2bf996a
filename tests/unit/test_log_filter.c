#include "check.h"

#include <sio/err.h>
#include <sio/log.h>

/* The levels of server, net, http, engine, socket, adapter. */
static void expect(const char *text, const uint8_t levels[SIO_LOG_CATEGORIES])
{
    sio_log_filter filter;
    memset(&filter, 0xff, sizeof(filter));
    assert_int_equal(sio_log_filter_parse(&filter, text), 0);
    assert_memory_equal(filter.levels, levels, SIO_LOG_CATEGORIES);
}

enum { X = SIO_LOG_OFF, E = SIO_LOG_ERROR, I = SIO_LOG_INFO, D = SIO_LOG_DEBUG, T = SIO_LOG_TRACE };

static void nothing_is_the_default(void **state)
{
    (void)state;
    expect(NULL, (uint8_t[]){ 0, 0, 0, 0, 0, 0 });
    expect("", (uint8_t[]){ 0, 0, 0, 0, 0, 0 });
    expect(" , ,", (uint8_t[]){ 0, 0, 0, 0, 0, 0 });
}

static void a_category_alone_is_debugged(void **state)
{
    (void)state;
    expect("engine,adapter", (uint8_t[]){ 0, 0, 0, D, 0, D });
    expect("server", (uint8_t[]){ D, 0, 0, 0, 0, 0 });
    expect(" net , http ", (uint8_t[]){ 0, D, D, 0, 0, 0 });
}

static void a_level_may_stand_behind(void **state)
{
    (void)state;
    expect("socket:trace,http:off", (uint8_t[]){ 0, 0, X, 0, T, 0 });
    expect("socket : info", (uint8_t[]){ 0, 0, 0, 0, I, 0 });
}

static void later_words_win(void **state)
{
    (void)state;
    expect("*", (uint8_t[]){ D, D, D, D, D, D });
    expect("*:error,adapter", (uint8_t[]){ E, E, E, E, E, D });
    expect("adapter,*:error", (uint8_t[]){ E, E, E, E, E, E });
}

static void other_words_are_refused(void **state)
{
    static const char *const texts[] = {
        "engines", "engine:",        "engine:loud", "engine:default",
        ":debug",  "engine adapter", "*,x",         "**"
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        sio_log_filter filter = { { 7 } };
        assert_int_equal(sio_log_filter_parse(&filter, texts[i]), SIO_EINVAL);
        assert_int_equal(filter.levels[0], 7);
    }
}

static void levels_and_categories_have_names(void **state)
{
    (void)state;
    assert_string_equal(sio_log_level_name(SIO_LOG_ERROR), "error");
    assert_string_equal(sio_log_level_name(SIO_LOG_TRACE), "trace");
    assert_string_equal(sio_log_level_name((sio_log_level)7), "unknown");
    assert_string_equal(sio_log_category_name(SIO_LOG_SERVER), "server");
    assert_string_equal(sio_log_category_name(SIO_LOG_ADAPTER), "adapter");
    assert_string_equal(sio_log_category_name((sio_log_category)SIO_LOG_CATEGORIES), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_the_default),
        cmocka_unit_test(a_category_alone_is_debugged),
        cmocka_unit_test(a_level_may_stand_behind),
        cmocka_unit_test(later_words_win),
        cmocka_unit_test(other_words_are_refused),
        cmocka_unit_test(levels_and_categories_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
