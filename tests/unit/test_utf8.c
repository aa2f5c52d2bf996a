#include "check.h"

#include <sio/sys/text.h>

#define REPLACED "\xef\xbf\xbd"

static const char *const good[] = {
    "",
    "plain ASCII of some length, so that words are taken",
    "\x7f",
    "\xc2\x80",
    "\xdf\xbf",
    "\xe0\xa0\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbf",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "12345678\xe2\x82\xacxyzxyzx\xf0\x9f\x98\x80 end",
};

/* With what WHATWG's decoder, and so Node.js, makes of them. */
static const struct {
    const char *bytes;
    const char *repaired;
} bad[] = {
    { "\x80", REPLACED },
    { "a\xff"
      "b",
      "a" REPLACED "b" },
    { "\xc0\xaf", REPLACED REPLACED },
    { "\xc1\xbf", REPLACED REPLACED },
    { "\xe0\x9f\xbf", REPLACED REPLACED REPLACED },
    { "\xed\xa0\x80", REPLACED REPLACED REPLACED },
    { "\xf0\x8f\xbf\xbf", REPLACED REPLACED REPLACED REPLACED },
    { "\xf4\x90\x80\x80", REPLACED REPLACED REPLACED REPLACED },
    { "\xf5\x80\x80\x80", REPLACED REPLACED REPLACED REPLACED },
    { "\xe2\x82", REPLACED },
    { "\xe2\x82"
      "a",
      REPLACED "a" },
    { "\xf0\x9f\x98", REPLACED },
    { "\xf0\x9f\xf0\x9f\x98\x80", REPLACED "\xf0\x9f\x98\x80" },
    { "12345678\xc3", "12345678" REPLACED },
    { "12345678"
      "12345678\xfe"
      "1",
      "12345678"
      "12345678" REPLACED "1" },
};

static char *exact(const char *text, size_t len)
{
    char *copy = malloc(len + !len);
    memcpy(copy, text, len);
    return copy;
}

static bool valid_in_pieces(const char *text, size_t len, size_t split)
{
    char *first = exact(text, split), *second = exact(text + split, len - split);
    uint32_t state = sio_utf8_feed(0, first, split);
    state = sio_utf8_feed(state, second, len - split);
    free(first);
    free(second);
    return state == 0;
}

static void accepts_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        size_t len = strlen(good[i]);
        for (size_t split = 0; split <= len; split++)
            assert_true(valid_in_pieces(good[i], len, split));
    }
}

static void refuses_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t len = strlen(bad[i].bytes);
        assert_false(sio_utf8_valid(bad[i].bytes, len));
        for (size_t split = 0; split <= len; split++)
            assert_false(valid_in_pieces(bad[i].bytes, len, split));
    }
}

static void bad_stays_bad(void **state)
{
    (void)state;
    uint32_t bytes = sio_utf8_feed(0, "\xff", 1);
    assert_int_equal(bytes, SIO_UTF8_BAD);
    assert_int_equal(sio_utf8_feed(bytes, "abc", 3), SIO_UTF8_BAD);
}

/* Each code point that there is, and each that there is not. */
static void knows_all_code_points(void **state)
{
    (void)state;
    for (uint32_t point = 0x800; point < 0x120000; point++) {
        char text[4];
        size_t len = 0;
        if (point >= 0x10000)
            text[len++] = (char)(0xf0 | point >> 18);
        text[len++] = (char)(point >= 0x10000 ? 0x80 | (point >> 12 & 63) : 0xe0 | point >> 12);
        text[len++] = (char)(0x80 | (point >> 6 & 63));
        text[len++] = (char)(0x80 | (point & 63));
        bool exists = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
        if (sio_utf8_valid(text, len) != exists)
            fail_msg("U+%X", point);
    }
}

static void check_repair(const char *bytes, const char *want)
{
    size_t len = strlen(bytes), size = strlen(want);
    char *copy = exact(bytes, len), *out = malloc(size + !size);
    assert_int_equal(sio_utf8_repair(NULL, copy, len), size);
    assert_int_equal(sio_utf8_repair(out, copy, len), size);
    assert_memory_equal(out, want, size);
    free(copy);
    free(out);
}

static void repairs_as_node_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_repair(bad[i].bytes, bad[i].repaired);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        check_repair(good[i], good[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_at_every_split), cmocka_unit_test(refuses_at_every_split),
        cmocka_unit_test(bad_stays_bad),          cmocka_unit_test(knows_all_code_points),
        cmocka_unit_test(repairs_as_node_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
