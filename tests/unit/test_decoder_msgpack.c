#include <stdio.h>

#include "check.h"
#include "hex.h"
#include "packet_text.h"
#include <sio/err.h>
#include <sio/sys/limits.h>

/* Pieces of packets. */
#define TYPE(hex) "a474797065" hex
#define DATA(hex) "a464617461" hex
#define ID(hex)   "a26964" hex
#define NSP       "a36e7370a12f"
#define EVENT_A   TYPE("02") DATA("91a161") NSP

static int decode(sio_arena *arena, const char *hex, sio_packet *out)
{
    sio_str bytes = hex_bytes(hex);
    const int got = sio_packet_decode_msgpack(arena, bytes.data, bytes.len, out);
    hex_free(bytes); /* nothing is borrowed from it */
    return got;
}

static void decodes(const char *hex, const char *expected)
{
    sio_arena arena = { 0 };
    sio_packet packet;
    assert_int_equal(decode(&arena, hex, &packet), 1);
    check_packet(&packet, expected);
    sio_arena_free(&arena);
}

static void refuses_with(const char *hex, int err)
{
    sio_arena arena = { 0 };
    sio_packet packet;
    assert_int_equal(decode(&arena, hex, &packet), err);
    sio_arena_free(&arena);
}

static void refuses(const char *hex)
{
    refuses_with(hex, SIO_EPARSE);
}

/* ---- what the package writes for its client ---- */

static const struct {
    const char *hex;
    const char *text;
} written[] = {
    { "83a47479706500a464617461d40000a36e7370a12f", "connect /" },
    { "83a47479706500a46461746181a5746f6b656ea6736563726574a36e7370a52f61757468",
      "connect /auth {\"token\":\"secret\"}" },
    { "82a47479706501a36e7370a12f", "disconnect /" },
    { "85a47479706502a46461746192a16181a16201a76f7074696f6e7381a8636f6d7072657373c3a2696403"
      "a36e7370a12f",
      "event / 3 [\"a\",{\"b\":1}]" },
    { "84a47479706502a46461746191a161a2696400a36e7370a12f", "event / 0 [\"a\"]" },
    { "84a47479706502a46461746191a161a26964cf001fffffffffffffa36e7370a12f",
      "event / 9007199254740991 [\"a\"]" },
    { "84a26964ce00011170a47479706503a46461746192cb3ff8000000000000a2c3a9a36e7370a22f63",
      "ack /c 70000 [1.5,\"\xc3\xa9\"]" },
    { "83a47479706502a46461746193a162c40301020381a178c400a36e7370a12f",
      "event / [\"b\",{\"type\":\"Buffer\",\"data\":[1,2,3]},"
      "{\"x\":{\"type\":\"Buffer\",\"data\":[]}}]" },
    { "83a47479706502a46461746192a162c702000908a36e7370a12f", /* an ArrayBuffer */
      "event / [\"b\",{\"type\":\"Buffer\",\"data\":[9,8]}]" },
    { "83a47479706502a46461746192a17082ac5f706c616365686f6c646572c3a36e756d00a36e7370a12f",
      "event / [\"p\",{\"_placeholder\":true,\"num\":0}]" },
    { "83a47479706502a46461746193a175d4000081a16bd40000a36e7370a12f", "event / [\"u\",null,{}]" },
    { "83a47479706502a46461746194a164d70000000000000005dcd700fffffffffffffe0cd700001eb208c2dc0000"
      "a36e7370a12f",
      "event / [\"d\",\"1970-01-01T00:00:01.500Z\",\"1969-12-31T23:59:59.500Z\","
      "\"+275760-09-13T00:00:00.000Z\"]" },
};

#define WRITTEN_COUNT (sizeof written / sizeof *written)

static void packets_of_the_package(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRITTEN_COUNT; i++)
        decodes(written[i].hex, written[i].text);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    char hex[256];
    for (size_t i = 0; i < WRITTEN_COUNT; i++) {
        for (size_t len = 0; len < strlen(written[i].hex); len += 2) {
            memcpy(hex, written[i].hex, len);
            hex[len] = '\0';
            refuses(hex);
        }
    }
}

static void what_follows_a_packet_is_refused(void **state)
{
    (void)state;
    refuses("83" EVENT_A "c0");
    refuses("83" EVENT_A "83" EVENT_A);
}

/* ---- each field, as the package checks it ---- */

static void types(void **state)
{
    (void)state;
    decodes("83" TYPE("cb4000000000000000") DATA("91a161") NSP, "event / [\"a\"]");
    decodes("82" TYPE("cb8000000000000000") NSP, "connect /");
    decodes("84" TYPE("07") EVENT_A, "event / [\"a\"]"); /* the last one counts */
    refuses("82" DATA("91a161") NSP);
    refuses("83" TYPE("05") DATA("91a161") NSP);
    refuses("83" TYPE("ff") DATA("91a161") NSP);
    refuses("83" TYPE("c0") DATA("91a161") NSP);
    refuses("83" TYPE("c3") DATA("91a161") NSP);
    refuses("83" TYPE("a132") DATA("91a161") NSP);
    refuses("83" TYPE("cb4000000000000001") DATA("91a161") NSP);
    refuses("83" TYPE("cb7ff0000000000000") DATA("91a161") NSP);
    refuses("83" TYPE("cf8000000000000002") DATA("91a161") NSP);
}

static void namespaces(void **state)
{
    (void)state;
    decodes("82" TYPE("00") "a36e7370a0", "connect ");
    decodes("82" TYPE("00") "a36e7370a161", "connect a");
    refuses("82" TYPE("02") DATA("91a161"));
    refuses("83" TYPE("02") DATA("91a161") "a36e7370c0");
    refuses("83" TYPE("02") DATA("91a161") "a36e737001");
    refuses("83" TYPE("02") DATA("91a161") "a36e737091a12f");
    refuses("83" TYPE("02") DATA("91a161") "a36e7370c4012f");
}

static void long_namespaces(void **state)
{
    (void)state;
    for (size_t len = SIO_LIMIT_NAME; len <= SIO_LIMIT_NAME + 1; len++) {
        static const char head[] = "82" TYPE("00") "a36e7370da";
        char hex[sizeof head + 4 + 2 * (SIO_LIMIT_NAME + 1)];
        const int at = snprintf(hex, sizeof hex, "%s%04x", head, (unsigned)len);
        memset(hex + at, '6', 2 * len);
        hex[(size_t)at + 2 * len] = '\0';
        sio_arena arena = { 0 };
        sio_packet packet;
        assert_int_equal(decode(&arena, hex, &packet), len > SIO_LIMIT_NAME ? SIO_ELIMIT : 1);
        sio_arena_free(&arena);
    }
}

static void ids(void **state)
{
    (void)state;
    decodes("84" EVENT_A ID("d40000"), "event / [\"a\"]");
    decodes("84" EVENT_A ID("cb3ff0000000000000"), "event / 1 [\"a\"]");
    refuses("84" EVENT_A ID("c0"));
    refuses("84" EVENT_A ID("c2"));
    refuses("84" EVENT_A ID("a131"));
    refuses("84" EVENT_A ID("9101"));
    refuses("84" EVENT_A ID("cb3ff8000000000000"));
    refuses("84" EVENT_A ID("cb7ff8000000000000"));
    refuses_with("84" EVENT_A ID("ff"), SIO_EINVAL);
    refuses_with("84" EVENT_A ID("cf0020000000000000"), SIO_EINVAL);
    refuses_with("84" EVENT_A ID("cfffffffffffffffff"), SIO_EINVAL);
}

static void data_of_each_type(void **state)
{
    (void)state;
    decodes("82" TYPE("00") NSP, "connect /");
    decodes("83" TYPE("00") DATA("80") NSP, "connect / {}");
    decodes("83" TYPE("01") DATA("d40000") NSP, "disconnect /");
    decodes("83" TYPE("03") DATA("90") NSP, "ack / []");
    decodes("83" TYPE("04") DATA("a178") NSP, "error / \"x\"");
    static const char *const wrong[] = {
        "83" TYPE("00") DATA("c0") NSP,
        "83" TYPE("00") DATA("90") NSP,
        "83" TYPE("00") DATA("a178") NSP,
        "83" TYPE("00") DATA("d70000000000000005dc") NSP, /* a date is no plain object */
        "83" TYPE("00") DATA("c400") NSP,
        "83" TYPE("01") DATA("80") NSP,
        "83" TYPE("01") DATA("c0") NSP,
        "82" TYPE("02") NSP,
        "83" TYPE("02") DATA("80") NSP,
        "83" TYPE("02") DATA("a161") NSP,
        "83" TYPE("02") DATA("c0") NSP,
        "82" TYPE("03") NSP,
        "83" TYPE("03") DATA("80") NSP,
        "83" TYPE("04") DATA("90") NSP,
        "83" TYPE("04") DATA("c0") NSP,
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses(wrong[i]);
}

static void names_of_events(void **state)
{
    (void)state;
    decodes("83" TYPE("02") DATA("91a0") NSP, "event / [\"\"]");
    decodes("83" TYPE("02") DATA("9104") NSP, "event / [4]");
    static const char *const wrong[] = {
        "83" TYPE("02") DATA("90") NSP,
        "83" TYPE("02") DATA("91c0") NSP,
        "83" TYPE("02") DATA("91c3") NSP,
        "83" TYPE("02") DATA("9191a161") NSP,
        "83" TYPE("02") DATA("91c40161") NSP,
        "83" TYPE("02") DATA("91d40000") NSP,
        "83" TYPE("02") DATA("91a7636f6e6e656374") NSP,
        "83" TYPE("02") DATA("91aa646973636f6e6e656374") NSP,
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses_with(wrong[i], SIO_EINVAL);
}

/* ---- hostile bytes ---- */

static void no_packets(void **state)
{
    (void)state;
    static const char *const bytes[] = {
        "",           "c0",         "c1",         "c3",           "02",
        "a16a",       "90",         "93020203",   "80",           "dfffffffff",
        "ddffffffff", "dbffffffff", "c6ffffffff", "c9ffffffff00", "d70000000000000005dc",
        "7b7d",       "343232",     "8180",       "8190c0",       "81d70000000000000005dcc0",
    };
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        refuses(bytes[i]);
}

/* An event in whose `depth` arrays the innermost one is empty. */
static void check_nested(size_t depth, int result)
{
    static const char head[] = "83" TYPE("02") NSP "a464617461"
                                                   "92a161";
    const size_t inner = depth - 1;
    char *hex = malloc(sizeof head + 2 * inner);
    assert_non_null(hex);
    memcpy(hex, head, sizeof head);
    for (size_t i = 0; i < inner; i++)
        memcpy(hex + sizeof head - 1 + 2 * i, i + 1 < inner ? "91" : "90", 3);
    sio_arena arena = { 0 };
    sio_packet packet;
    assert_int_equal(decode(&arena, hex, &packet), result);
    sio_arena_free(&arena);
    free(hex);
}

static void nesting(void **state)
{
    (void)state;
    check_nested(2, 1);
    check_nested(SIO_LIMIT_DEPTH, 1);
    check_nested(SIO_LIMIT_DEPTH + 1, SIO_EDEPTH);
    check_nested(SIO_LIMIT_DEPTH + 2, SIO_EDEPTH);
    check_nested(100000, SIO_EDEPTH);
}

static void survives_every_changed_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRITTEN_COUNT; i++) {
        sio_str bytes = hex_bytes(written[i].hex);
        char *data = (char *)bytes.data;
        for (size_t at = 0; at < bytes.len; at++) {
            const char kept = data[at];
            for (int byte = 0; byte < 256; byte++) {
                data[at] = (char)byte;
                sio_arena arena = { 0 };
                sio_packet packet;
                const int got = sio_packet_decode_msgpack(&arena, data, bytes.len, &packet);
                assert_true(got == 1 || got == SIO_EPARSE || got == SIO_EINVAL);
                sio_arena_free(&arena);
            }
            data[at] = kept;
        }
        hex_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_the_package),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(what_follows_a_packet_is_refused),
        cmocka_unit_test(types),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(long_namespaces),
        cmocka_unit_test(ids),
        cmocka_unit_test(data_of_each_type),
        cmocka_unit_test(names_of_events),
        cmocka_unit_test(no_packets),
        cmocka_unit_test(nesting),
        cmocka_unit_test(survives_every_changed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
