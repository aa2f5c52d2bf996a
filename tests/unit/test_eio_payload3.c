#include <sio/err.h>
#include <sio/sys/eio3.h>
#include <sio/sys/limits.h>

#include <sio/sys/mem.h>

#include "check.h"
#include "hex.h"
#include "payload_text.h"

#define EURO  "\xe2\x82\xac"
#define SMILE "\xf0\x9f\x98\x80"

/* What the payload says as text: `type:data;` for each packet, `b` before one of bytes, `!` for the
 * error. New. */
static char *walk(const char *data, size_t len, bool binary)
{
    char *copy = malloc(len ? len : 1); /* of exact size: an overread shows */
    assert_non_null(copy);
    memcpy(copy, data, len);
    sio_eio3_payload payload = { .data = copy, .len = len, .binary = binary };
    sio_eio_packet packet;
    sio_buf log = { 0 };
    int rc;
    while ((rc = sio_eio3_payload_next(&payload, &packet)) == 1)
        payload_text_add(&log, &packet);
    payload_text_end(&log, rc);
    assert_int_equal(sio_eio3_payload_next(&payload, &packet), 0);
    free(copy);
    return log.data;
}

static void check_text(const char *text, const char *expected)
{
    char *got = walk(text, strlen(text), false);
    assert_string_equal(got, expected);
    sio_mem_free(got);
}

static void check_bytes(const char *hex, const char *expected)
{
    sio_str bytes = hex_bytes(hex);
    char *got = walk(bytes.data, bytes.len, true);
    assert_string_equal(got, expected);
    sio_mem_free(got);
    hex_free(bytes);
}

static void walks_text(void **state)
{
    (void)state;
    check_text("6:4hello", "4:hello;");
    check_text("6:4hello1:6", "4:hello;6:;");
    check_text("02:4a", "4:a;");
    check_text("0:2:4a0:", "4:a;");
    check_text("6:b4YWJj2:4x", "b4:abc;4:x;");
    check_text("2:b4", "b4:;");
    check_text("4:4::11:2", "4:::1;2:;"); /* a colon is nothing special in a packet */
}

static void counts_as_javascript_does(void **state)
{
    (void)state;
    check_text("2:4" EURO, "4:" EURO ";");
    check_text("3:4" SMILE, "4:" SMILE ";");
    check_text("5:4"
               "\xc3\xbc" EURO SMILE "2:4a",
               "4:"
               "\xc3\xbc" EURO SMILE ";4:a;");
    check_text("2:4" SMILE, "!"); /* ends between the halves of a pair */
    check_text("4:4" SMILE, "!");
    check_text("3:4" EURO, "!");
}

static void refuses_malformed_text(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",      ":",    "1",     "1:",    "5:4a", "-1:4", "1.:4", " 2:4a",
        "2 :4a", "2:9a", "0x1:4", "b2:4a", "1:b",  "2:b9", "0",    "99999999999999999999:4"
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_text(cases[i], "!");
    check_text("2:4a1", "4:a;!");
    check_text("1:4x", "4:;!");
    check_text("1:4:", "4:;!");
    check_text("0:0:", "");
    check_text("2:4\x80", "!");
    check_text("1:\x80\x80", "!");
}

static void walks_bytes(void **state)
{
    (void)state;
    check_bytes("", "");
    check_bytes("0006ff3468656c6c6f", "4:hello;");
    check_bytes("0104ff04616263", "b4:abc;");
    check_bytes("0004ff34e282ac"
                "0102ff0461"
                "0001ff36",
                "4:" EURO ";b4:a;6:;");
    check_bytes("0101ff04", "b4:;");
    check_bytes("000002ff3461", "4:a;");
    check_bytes("00"
                "0100ff"
                "34626364656667686970",
                "4:bcdefghip;");
    check_bytes("0006ff6234595752"
                "6b",
                "b4:add;"); /* base64 in bytes is allowed too */
}

static void refuses_malformed_bytes(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "00",
        "0001",
        "0001ff",
        "0201ff34",
        "ff01ff34",
        "00ff34",
        "000aff34",
        "0002ff34",
        "0000ff",
        "0100ff",
        "0001ff39",
        "0101ff07",
        "00"
        "09090909090909090909"
        "ff34",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_bytes(cases[i], "!");
    check_bytes("0001ff36"
                "00",
                "6:;!");
    check_bytes("0001ff36"
                "0005ff34",
                "6:;!");
}

/* A cut payload never yields a packet that the whole one has not, and only a cut between packets is
 * no error. */
static void check_truncations(const char *data, size_t len, bool binary, const size_t *ends)
{
    char *whole = walk(data, len, binary);
    for (size_t cut = 1; cut < len; cut++) {
        char *part = walk(data, cut, binary);
        const size_t said = strlen(part);
        bool between = false;
        for (size_t i = 0; ends[i]; i++)
            between = between || ends[i] == cut;
        assert_int_equal(part[said - 1] == '!', !between);
        assert_memory_equal(part, whole, between ? said : said - 1);
        sio_mem_free(part);
    }
    sio_mem_free(whole);
}

static void every_truncation_is_safe(void **state)
{
    (void)state;
    static const char text[] = "6:4hello6:b4YWJj12:4abcdefghijk";
    check_truncations(text, sizeof text - 1, false, (const size_t[]){ 8, 16, 0 });
    sio_str bytes = hex_bytes("0004ff34e282ac"
                              "0104ff04616263"
                              "00"
                              "0102ff34"
                              "6162636465666768696a6b");
    check_truncations(bytes.data, bytes.len, true, (const size_t[]){ 7, 14, 0 });
    hex_free(bytes);
}

static void check_prefix(const char *packet, const char *expected)
{
    char prefix[SIO_EIO3_PREFIX_MAX];
    assert_int_equal(sio_eio3_prefix(prefix, sio_str_from(packet)), strlen(expected));
    assert_memory_equal(prefix, expected, strlen(expected));
}

static void check_prefix_binary(size_t len, bool binary, const char *hex)
{
    char prefix[SIO_EIO3_PREFIX_MAX];
    const sio_str expected = hex_bytes(hex);
    assert_int_equal(sio_eio3_prefix_binary(prefix, (sio_str){ NULL, len }, binary), expected.len);
    assert_memory_equal(prefix, expected.data, expected.len);
    hex_free(expected);
}

static void writes_prefixes(void **state)
{
    (void)state;
    check_prefix("6", "1:");
    check_prefix("4hello", "6:");
    check_prefix("4xxxxxxxxxxx", "12:");
    check_prefix("4"
                 "\xc3\xbc" EURO SMILE,
                 "5:");
    check_prefix("", "0:");
    check_prefix_binary(1, false, "0001ff");
    check_prefix_binary(100, false, "00010000ff");
    check_prefix_binary(4, true, "0104ff");
    check_prefix_binary(SIO_LIMIT_LENGTH, true, "0102010407040803060407ff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_text),
        cmocka_unit_test(counts_as_javascript_does),
        cmocka_unit_test(refuses_malformed_text),
        cmocka_unit_test(walks_bytes),
        cmocka_unit_test(refuses_malformed_bytes),
        cmocka_unit_test(every_truncation_is_safe),
        cmocka_unit_test(writes_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
