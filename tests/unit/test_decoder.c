#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>

#include "check.h"
#include "packet_text.h"

#define MAX_BYTES 1000

/* ---- a decoder ---- */

typedef struct fixture {
    sio_decoder decoder;
    sio_arena arena;
    sio_packet packet;
    char *attachment; /* the last one; a whole packet borrows it until the next call */
} fixture;

static char *copy_of(const void *data, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    return copy;
}

static void close_fixture(fixture *f)
{
    sio_decoder_free(&f->decoder);
    sio_arena_free(&f->arena);
    free(f->attachment);
}

static void decodes_bytes(const char *text, size_t len, int result, const char *expected)
{
    fixture f = { 0 };
    char *copy = copy_of(text, len);
    assert_int_equal(sio_decoder_text(&f.decoder, &f.arena, copy, len, &f.packet), result);
    if (result == 1)
        check_packet(&f.packet, expected);
    free(copy);
    close_fixture(&f);
}

static void decodes(const char *text, const char *expected)
{
    decodes_bytes(text, strlen(text), 1, expected);
}

static void refuses_with(const char *text, int err)
{
    decodes_bytes(text, strlen(text), err, NULL);
}

static void refuses(const char *text)
{
    refuses_with(text, SIO_EPARSE);
}

/* What the reference lets pass. */
static void refuses_strictly(const char *text)
{
    refuses_with(text, SIO_EINVAL);
}

/* ---- packets of text ---- */

static void events(void **state)
{
    (void)state;
    decodes("2[\"a\"]", "event / [\"a\"]");
    decodes("2/test,[\"a\",{\"b\":[1.5,null,true]}]",
            "event /test [\"a\",{\"b\":[1.5,null,true]}]");
    decodes("21[\"a\"]", "event / 1 [\"a\"]");
    decodes("2/test,007[\"a\"]", "event /test 7 [\"a\"]");
    decodes("20[\"a\"]", "event / 0 [\"a\"]");
    decodes("2/,[\"a\"]", "event / [\"a\"]");
    decodes("2/a?token=b,[\"a\"]", "event /a?token=b [\"a\"]");
    decodes("2[\"\"]", "event / [\"\"]");
    decodes("2[4]", "event / [4]");
    decodes("2[1.5,\"x\"]", "event / [1.5,\"x\"]");
    decodes("2[1e400]", "event / [null]");
    decodes("2 [ \"a\" ] ", "event / [\"a\"]");
    decodes("2[\"a\",{\"_placeholder\":true,\"num\":0}]",
            "event / [\"a\",{\"_placeholder\":true,\"num\":0}]");
}

static void events_without_a_name(void **state)
{
    (void)state;
    refuses_strictly("2");
    refuses_strictly("2/test");
    refuses_strictly("2/test,");
    refuses_strictly("21");
    refuses("2[]");
    refuses("2[null,\"a\"]");
    refuses("2[[\"a\"]]");
    refuses("2[{}]");
    refuses("2[true]");
    refuses("2{}");
    refuses("2\"a\"");
    refuses("2null");
    refuses("2-1[\"a\"]");
    refuses("2[\"a\"");
    refuses("2[\"a\"]x");
    refuses("2[\"a\",]");
    refuses("2,[\"a\"]");
}

static void events_with_a_reserved_name(void **state)
{
    (void)state;
    refuses("2[\"connect\"]");
    refuses("2[\"connect_error\"]");
    refuses("2[\"disconnect\"]");
    refuses("2[\"disconnecting\"]");
    refuses("2[\"newListener\"]");
    refuses("2[\"removeListener\"]");
    refuses("2[\"\\u0063onnect\"]");
    decodes("2[\"Connect\"]", "event / [\"Connect\"]");
    decodes("2[\"connecting\"]", "event / [\"connecting\"]");
    decodes("3[\"connect\"]", "ack / [\"connect\"]");
    assert_true(sio_packet_reserved(SIO_STR("removeListener")));
    assert_false(sio_packet_reserved(SIO_STR("removeListeners")));
    assert_false(sio_packet_reserved(SIO_STR("")));
}

static void acks(void **state)
{
    (void)state;
    decodes("35[]", "ack / 5 []");
    decodes("3/test,12[null,1]", "ack /test 12 [null,1]");
    refuses_strictly("3");
    refuses_strictly("35");
    refuses("35{}");
    refuses("35\"a\"");
}

static void ids_end_where_javascript_stops_counting(void **state)
{
    (void)state;
    decodes("29007199254740991[\"a\"]", "event / 9007199254740991 [\"a\"]");
    refuses_strictly("29007199254740992[\"a\"]");
    refuses_strictly("218446744073709551617[\"a\"]");
    refuses_strictly("299999999999999999999999999[\"a\"]");
}

static void connections(void **state)
{
    (void)state;
    decodes("0", "connect /");
    decodes("0/admin,", "connect /admin");
    decodes("0/admin", "connect /admin");
    decodes("0/admin,{\"token\":\"x\"}", "connect /admin {\"token\":\"x\"}");
    decodes("0{}", "connect / {}");
    refuses("0[]");
    refuses("0null");
    refuses("0\"x\"");
    refuses("0{");
    decodes("1", "disconnect /");
    decodes("1/admin,", "disconnect /admin");
    refuses("1{}");
    refuses("1/admin,null");
    refuses("1 ");
    decodes("4{\"message\":\"no\"}", "error / {\"message\":\"no\"}");
    decodes("4/x,\"no\"", "error /x \"no\"");
    decodes("4", "error /");
    refuses("4[]");
    refuses("4null");
}

static void unknown_types(void **state)
{
    (void)state;
    refuses("");
    refuses("7[\"a\"]");
    refuses("9");
    refuses("a");
    refuses("-1");
    refuses("[\"a\"]");
    decodes_bytes("\0[\"a\"]", 6, SIO_EPARSE, NULL);
}

static void namespaces(void **state)
{
    (void)state;
    refuses("2/\xff,[\"a\"]");
    refuses("0/a\xc3");
    char text[SIO_LIMIT_NAME + 16];
    char expected[SIO_LIMIT_NAME + 32];
    for (int len = SIO_LIMIT_NAME; len <= SIO_LIMIT_NAME + 1; len++) {
        snprintf(text, sizeof text, "0/%0*d", len - 1, 0);
        snprintf(expected, sizeof expected, "connect %s", text + 1);
        if (len <= SIO_LIMIT_NAME)
            decodes(text, expected);
        else
            refuses_with(text, SIO_ELIMIT);
    }
    snprintf(text, sizeof text, "0/a?%0*d", SIO_LIMIT_NAME, 0); /* the query is no part of it */
    snprintf(expected, sizeof expected, "connect %s", text + 1);
    decodes(text, expected);
}

static void nests(size_t depth, int result)
{
    fixture f = { 0 };
    sio_buf text = { 0 };
    sio_buf_text(&text, "2[\"a\",");
    for (size_t i = 1; i < depth; i++)
        sio_buf_byte(&text, '[');
    for (size_t i = 0; i < depth; i++)
        sio_buf_byte(&text, ']');
    assert_int_equal(sio_decoder_text(&f.decoder, &f.arena, text.data, text.len, &f.packet),
                     result);
    sio_buf_free(&text);
    close_fixture(&f);
}

static void nesting_ends_at_the_limit(void **state)
{
    (void)state;
    nests(SIO_LIMIT_DEPTH, 1);
    nests(SIO_LIMIT_DEPTH + 1, SIO_EDEPTH);
    nests(100000, SIO_EDEPTH);
}

static void truncations_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "2/test,12[\"a\",{\"b\":[1.5,\"\\u20ac\"]}]",
                                         "3/test,12[\"a\",{\"b\":[1.5,\"\xe2\x82\xac\"]}]",
                                         "52-/test,12[\"a\",{\"_placeholder\":true,\"num\":0}]" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *payload = strchr(texts[i], '[');
        for (size_t len = 0; len < strlen(texts[i]); len++) {
            bool whole_head = texts[i] + len <= payload && len > (texts[i][0] == '5' ? 2 : 0);
            decodes_bytes(texts[i], len, whole_head ? SIO_EINVAL : SIO_EPARSE, NULL);
        }
    }
}

/* ---- attachments ---- */

static int feed_text(fixture *f, const char *text)
{
    char *copy = copy_of(text, strlen(text));
    int rc = sio_decoder_text(&f->decoder, &f->arena, copy, strlen(text), &f->packet);
    free(copy);
    return rc;
}

static int feed_binary(fixture *f, const char *data)
{
    free(f->attachment);
    f->attachment = copy_of(data, strlen(data));
    return sio_decoder_binary(&f->decoder, f->attachment, strlen(data), MAX_BYTES, &f->packet);
}

static void attachments_take_their_places(void **state)
{
    (void)state;
    fixture f = { 0 };
    assert_int_equal(feed_text(&f, "52-/test,7[\"a\",{\"k\":[{\"_placeholder\":true,\"num\":1}]},"
                                   "{\"num\":0,\"x\":1,\"_placeholder\":true}]"),
                     0);
    assert_int_equal(feed_binary(&f, "AB"), 0);
    assert_int_equal(feed_binary(&f, ""), 1);
    check_packet(&f.packet, "event /test 7 [\"a\",{\"k\":[{\"type\":\"Buffer\",\"data\":[]}]},"
                            "{\"type\":\"Buffer\",\"data\":[65,66]}]");
    size_t len;
    assert_non_null(sio_value_binary(sio_value_at(&f.packet.data, 2), &len));
    assert_int_equal(len, 2);

    assert_int_equal(feed_text(&f, "61-3[{\"_placeholder\":true,\"num\":0}]"), 0);
    assert_int_equal(feed_binary(&f, "C"), 1);
    check_packet(&f.packet, "ack / 3 [{\"type\":\"Buffer\",\"data\":[67]}]");
    close_fixture(&f);
}

static void relayed_they_become_attachments_again(void **state)
{
    (void)state;
    fixture f = { 0 };
    assert_int_equal(
        feed_text(&f, "51-[\"a\",{\"x\":{\"y\":[{\"_placeholder\":true,\"num\":0}]}},[1]]"), 0);
    assert_int_equal(feed_binary(&f, "AB"), 1);
    assert_int_equal(f.packet.data.binary, 1);
    assert_int_equal(sio_value_at(&f.packet.data, 1)->binary, 1);
    assert_int_equal(sio_value_at(&f.packet.data, 2)->binary, 0);
    sio_frame *chain;
    assert_int_equal(sio_packet_encode(&f.packet, &chain), 0);
    static const char text[] =
        "451-[\"a\",{\"x\":{\"y\":[{\"_placeholder\":true,\"num\":0}]}},[1]]";
    sio_str payload = sio_frame_payload(chain);
    assert_int_equal(payload.len, sizeof text - 1);
    assert_memory_equal(payload.data, text, payload.len);
    assert_non_null(chain->next);
    assert_memory_equal(sio_frame_payload(chain->next).data, "AB", 2);
    sio_frame_unref(chain);
    close_fixture(&f);
}

/* Feeds one attachment `A`. */
static void check_one(const char *text, int result, const char *expected)
{
    fixture f = { 0 };
    assert_int_equal(feed_text(&f, text), 0);
    assert_int_equal(feed_binary(&f, "A"), result);
    if (expected)
        check_packet(&f.packet, expected);
    close_fixture(&f);
}

static void placeholders(void **state)
{
    (void)state;
    static const char buffer[] = "event / [\"a\",{\"type\":\"Buffer\",\"data\":[65]}]";
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":0}]", 1, buffer);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":0.0}]", 1, buffer);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":-0}]", 1, buffer);
    check_one("501-[\"a\",{\"_placeholder\":true,\"num\":0}]", 1, buffer);
    check_one("51-[\"a\",{\"_placeholder\":false,\"num\":9,\"_placeholder\":true,\"num\":0}]", 1,
              buffer);
    check_one("51-[\"a\"]", 1, "event / [\"a\"]");
    check_one("51-[\"a\",{\"_placeholder\":1,\"num\":0},{\"_placeholder\":\"true\"}]", 1,
              "event / [\"a\",{\"_placeholder\":1,\"num\":0},{\"_placeholder\":\"true\"}]");
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":0}]", 1,
              "event / [\"a\",{\"type\":\"Buffer\",\"data\":[65]},"
              "{\"type\":\"Buffer\",\"data\":[65]}]");
}

static void placeholders_of_nothing(void **state)
{
    (void)state;
    check_one("51-[\"a\",{\"_placeholder\":true}]", SIO_EPARSE, NULL);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":1}]", SIO_EPARSE, NULL);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":-1}]", SIO_EPARSE, NULL);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]", SIO_EPARSE, NULL);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":0.5}]", SIO_EPARSE, NULL);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":18446744073709551615}]", SIO_EPARSE, NULL);
    check_one("51-[\"a\",{\"_placeholder\":true,\"num\":true}]", SIO_EPARSE, NULL);
    check_one("51-[\"a\",[{\"b\":{\"_placeholder\":true,\"num\":1}}]]", SIO_EPARSE, NULL);
}

static void counts_of_attachments(void **state)
{
    (void)state;
    refuses("5[\"a\"]");
    refuses("5-[\"a\"]");
    refuses("50-[\"a\"]");
    refuses("51[\"a\"]");
    refuses("5-1-[\"a\"]");
    refuses("51.5-[\"a\"]");
    refuses("51");
    refuses_strictly("51-");
    refuses_strictly("61-1");
    refuses("51-{}");
    refuses("51-[\"connect\"]");
    refuses_with("511-[\"a\"]", SIO_ELIMIT);
    refuses_with("518446744073709551617-[\"a\"]", SIO_ELIMIT);
    decodes_bytes("510-[\"a\"]", 9, 0, NULL);
}

static void messages_out_of_order(void **state)
{
    (void)state;
    fixture f = { 0 };
    assert_int_equal(feed_binary(&f, "A"), SIO_EPARSE);
    assert_int_equal(feed_text(&f, "52-[\"a\"]"), 0);
    assert_int_equal(feed_text(&f, "2[\"a\"]"), SIO_EPARSE);
    assert_int_equal(feed_binary(&f, "A"), 0);
    assert_int_equal(feed_text(&f, "2[\"a\"]"), SIO_EPARSE);
    assert_int_equal(feed_binary(&f, "A"), 1);
    assert_int_equal(feed_binary(&f, "A"), SIO_EPARSE);
    assert_int_equal(feed_text(&f, "2[\"a\"]"), 1);
    assert_null(f.decoder.pending);
    close_fixture(&f);
}

static void kept_bytes_are_limited(void **state)
{
    (void)state;
    static const char text[] = "53-[\"a\"]";
    fixture f = { 0 };
    sio_decoder *decoder = &f.decoder;
    size_t left = MAX_BYTES - (sizeof text - 1);
    char data[MAX_BYTES] = { 0 };
    assert_int_equal(feed_text(&f, text), 0);
    assert_int_equal(sio_decoder_binary(decoder, data, left + 1, MAX_BYTES, &f.packet), SIO_ELIMIT);
    assert_int_equal(sio_decoder_binary(decoder, data, left, MAX_BYTES, &f.packet), 0);
    assert_int_equal(sio_decoder_binary(decoder, data, 1, MAX_BYTES, &f.packet), SIO_ELIMIT);
    assert_int_equal(sio_decoder_binary(decoder, data, 0, MAX_BYTES, &f.packet), 0);
    assert_int_equal(sio_decoder_binary(decoder, data, 0, 1, &f.packet), SIO_ELIMIT);
    assert_int_equal(sio_decoder_binary(decoder, data, 0, MAX_BYTES, &f.packet), 1);
    sio_decoder_free(decoder);
    assert_null(decoder->pending);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events),
        cmocka_unit_test(events_without_a_name),
        cmocka_unit_test(events_with_a_reserved_name),
        cmocka_unit_test(acks),
        cmocka_unit_test(ids_end_where_javascript_stops_counting),
        cmocka_unit_test(connections),
        cmocka_unit_test(unknown_types),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(nesting_ends_at_the_limit),
        cmocka_unit_test(truncations_are_refused),
        cmocka_unit_test(attachments_take_their_places),
        cmocka_unit_test(relayed_they_become_attachments_again),
        cmocka_unit_test(placeholders),
        cmocka_unit_test(placeholders_of_nothing),
        cmocka_unit_test(counts_of_attachments),
        cmocka_unit_test(messages_out_of_order),
        cmocka_unit_test(kept_bytes_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
