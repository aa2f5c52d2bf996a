/* permessage-deflate, RFC 7692; sections are those of that text. */
#include <sio/sys/deflate.h>

#include <sio/err.h>
#include <sio/sys/ws.h>

#include "check.h"

#define ALL (SIZE_MAX / 4)

static sio_ws_deflater *deflater;
static sio_ws_inflater *inflater;

static int set_up(void **state)
{
    (void)state;
    const sio_ws_deflate_config config = { .threshold = 10, .level = 6, .mem_level = 8 };
    return sio_ws_deflater_new(&deflater, &config) || sio_ws_inflater_new(&inflater);
}

static int tear_down(void **state)
{
    (void)state;
    sio_ws_deflater_free(deflater);
    sio_ws_inflater_free(inflater);
    sio_ws_deflater_free(NULL);
    sio_ws_inflater_free(NULL);
    return 0;
}

/* Bytes in a block of their exact size. */
static char *exact(const void *data, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    return copy;
}

/* ---- section 7.1: negotiation ---- */

static int negotiate(char answer[SIO_WS_EXTENSION_SIZE], const char *offers)
{
    char *copy = exact(offers, strlen(offers));
    const int window = sio_ws_negotiate(answer, (sio_str){ copy, strlen(offers) });
    free(copy);
    return window;
}

#define BOTH "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

static void check_accepted(const char *offers, int window, const char *expected)
{
    char answer[SIO_WS_EXTENSION_SIZE];
    assert_int_equal(negotiate(answer, offers), window);
    assert_string_equal(answer, expected);
}

static void check_not(const char *const *offers, size_t count, int expected)
{
    for (size_t i = 0; i < count; i++) {
        char answer[SIO_WS_EXTENSION_SIZE] = "untouched";
        const int window = negotiate(answer, offers[i]);
        if (window != expected)
            fail_msg("\"%s\": %d", offers[i], window);
        assert_string_equal(answer, "untouched");
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void section_7_1_no_context_is_taken_over(void **state)
{
    (void)state;
    check_accepted("permessage-deflate", 15, BOTH);
    check_accepted("permessage-deflate; server_no_context_takeover", 15, BOTH);
    check_accepted("permessage-deflate; client_no_context_takeover", 15, BOTH);
    check_accepted("permessage-deflate;client_no_context_takeover;server_no_context_takeover", 15,
                   BOTH);
}

static void section_7_1_2_1_the_window_that_the_client_has(void **state)
{
    (void)state;
    check_accepted("permessage-deflate; server_max_window_bits=15", 15,
                   BOTH "; server_max_window_bits=15");
    check_accepted("permessage-deflate; server_max_window_bits=8", 8,
                   BOTH "; server_max_window_bits=8");
    check_accepted("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12", 12,
                   BOTH "; server_max_window_bits=12; client_max_window_bits=12");
}

static void section_7_1_2_2_the_window_that_the_client_uses(void **state)
{
    (void)state;
    check_accepted("permessage-deflate; client_max_window_bits", 15, BOTH);
    check_accepted("permessage-deflate; client_max_window_bits=9", 15,
                   BOTH "; client_max_window_bits=9");
    check_accepted("permessage-deflate; client_max_window_bits=15", 15,
                   BOTH "; client_max_window_bits=15");
}

static void section_7_1_the_first_acceptable_offer_is_taken(void **state)
{
    (void)state;
    check_accepted("permessage-foo, permessage-deflate", 15, BOTH);
    check_accepted("x; y=\"z\"; q, permessage-deflate; server_max_window_bits=9,permessage-deflate",
                   9, BOTH "; server_max_window_bits=9");
    check_accepted("permessage-deflate; mode=fast, permessage-deflate", 15, BOTH);
    check_accepted("permessage-deflate; server_max_window_bits=7 ,\tpermessage-deflate;"
                   "client_max_window_bits=10 , permessage-deflate",
                   15, BOTH "; client_max_window_bits=10");
    check_accepted("  permessage-deflate\t;  server_max_window_bits=10  ", 10,
                   BOTH "; server_max_window_bits=10");
}

static void section_9_1_values_may_be_quoted(void **state)
{
    (void)state;
    check_accepted("permessage-deflate; server_max_window_bits=\"10\"", 10,
                   BOTH "; server_max_window_bits=10");
    check_accepted("permessage-deflate; server_max_window_bits=\"\\1\\0\"", 10,
                   BOTH "; server_max_window_bits=10");
    check_accepted("permessage-deflate; client_max_window_bits=\"9\"; server_no_context_takeover",
                   15, BOTH "; client_max_window_bits=9");
}

static void section_7_1_invalid_offers_are_declined(void **state)
{
    (void)state;
    static const char *const offers[] = {
        "permessage-foo",
        "Permessage-Deflate",
        "permessage-deflate-2",
        "permessage-deflat",
        "permessage-deflate; unknown",
        "permessage-deflate; unknown=1",
        "permessage-deflate; Server_no_context_takeover",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=0",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; server_max_window_bits=10x",
        "permessage-deflate; server_max_window_bits=100",
        "permessage-deflate; server_max_window_bits=1e1",
        "permessage-deflate; server_max_window_bits=x",
        "permessage-deflate; server_max_window_bits=18446744073709551624",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=010",
        "permessage-deflate; unknown, permessage-deflate; client_max_window_bits=1",
    };
    check_not(offers, COUNT(offers), 0);
}

static void section_9_1_what_is_no_list_is_malformed(void **state)
{
    (void)state;
    static const char *const offers[] = {
        "",
        " ",
        ",",
        ";",
        "permessage-deflate,",
        ",permessage-deflate",
        "permessage-deflate,,x",
        "permessage-deflate;",
        "permessage-deflate; ;",
        "permessage-deflate; =1",
        "permessage-deflate; a=",
        "permessage-deflate; a =1",
        "permessage-deflate; a= 1",
        "permessage-deflate; a=\"",
        "permessage-deflate; a=\"\"",
        "permessage-deflate; a=\"1",
        "permessage-deflate; a=\"1\\",
        "permessage-deflate; a=\"1\\\"",
        "permessage-deflate; a=\"1 2\"",
        "permessage-deflate; a=\"1\"2",
        "permessage-deflate; a=1\"",
        "permessage-deflate x",
        "permessage-deflate=1",
        "permessage-deflate; \xc3\xa4",
        "(permessage-deflate)",
        "permessage-deflate, x;",
    };
    check_not(offers, COUNT(offers), SIO_EPARSE);
}

static void offers_may_be_cut_anywhere(void **state)
{
    (void)state;
    static const char offers[] =
        "x; a=\"\\b\", permessage-deflate; server_max_window_bits=\"12\"; client_max_window_bits=9,"
        "permessage-deflate";
    for (size_t len = 0; len < sizeof offers; len++) {
        char answer[SIO_WS_EXTENSION_SIZE];
        char *copy = exact(offers, len);
        const int window = sio_ws_negotiate(answer, (sio_str){ copy, len });
        assert_true(window == SIO_EPARSE || window == 0 || window == 12 || window == 15);
        free(copy);
    }
}

static void the_longest_answer_fits(void **state)
{
    (void)state;
    check_accepted("permessage-deflate; server_max_window_bits=15; client_max_window_bits=15;"
                   "server_no_context_takeover; client_no_context_takeover",
                   15, BOTH "; server_max_window_bits=15; client_max_window_bits=15");
}

/* ---- section 7.2.2: decompression ---- */

static int inflate_to(sio_buf *out, const void *data, size_t len, size_t max)
{
    char *copy = exact(data, len);
    const int err = sio_ws_inflate(inflater, out, (sio_str){ copy, len }, max);
    free(copy);
    return err;
}

static void check_inflated(const char *data, size_t len, const char *expected)
{
    sio_buf out = { 0 };
    assert_int_equal(inflate_to(&out, data, len, 100), 0);
    assert_int_equal(out.len, strlen(expected));
    if (out.len > 0)
        assert_memory_equal(out.data, expected, out.len);
    sio_buf_free(&out);
}

#define HELLO "\xf2\x48\xcd\xc9\xc9\x07\x00"

static void section_7_2_3_1_one_block(void **state)
{
    (void)state;
    check_inflated(HELLO, 7, "Hello");
}

static void section_7_2_3_2_a_window_is_not_shared(void **state)
{
    (void)state;
    check_inflated(HELLO, 7, "Hello");
    sio_buf out = { 0 };
    assert_int_equal(inflate_to(&out, "\xf2\x00\x11\x00\x00", 5, 100), SIO_EPARSE);
    sio_buf_free(&out);
    check_inflated(HELLO, 7, "Hello");
}

static void section_7_2_3_3_a_block_that_is_not_compressed(void **state)
{
    (void)state;
    check_inflated("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11, "Hello");
}

static void section_7_2_3_4_a_final_block(void **state)
{
    (void)state;
    check_inflated("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8, "Hello");
    check_inflated(HELLO, 7, "Hello");
}

static void section_7_2_3_5_two_blocks(void **state)
{
    (void)state;
    check_inflated("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13, "Hello");
}

static void section_7_2_3_6_an_empty_message(void **state)
{
    (void)state;
    check_inflated("\x00", 1, "");
    check_inflated("", 0, "");
    check_inflated("\x02\x00", 2, "");
}

static void what_is_not_deflated_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t len;
    } cases[] = {
        { "Hello", 5 },
        { "\x06", 1 },                         /* block type 3 */
        { "\x00\x05\x00\x05\x00Hello", 10 },   /* a length without its complement */
        { "\x00\x05\x00\xfa\xff\x48\x65", 7 }, /* shorter than it says */
        { "\xff\xff\xff\xff", 4 },
        { "\x4b\x04\x13\x00", 4 }, /* a distance beyond the beginning */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        sio_buf out = { 0 };
        if (inflate_to(&out, cases[i].data, cases[i].len, 100) != SIO_EPARSE)
            fail_msg("case %zu is taken", i);
        sio_buf_free(&out);
        check_inflated(HELLO, 7, "Hello");
    }
}

static void what_is_cut_off_is_refused(void **state)
{
    (void)state;
    char text[3000], deflated[3000];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof text; i++) {
        seed = seed * 1664525 + 1013904223;
        text[i] = (char)('a' + (seed >> 16) % 7 * (seed >> 24) % 5);
    }
    const int64_t len =
        sio_ws_deflate(deflater, deflated, sizeof deflated, (sio_str){ text, sizeof text });
    assert_true(len > 100);
    size_t refused = 0;
    for (size_t cut = 1; cut < (size_t)len; cut++) {
        sio_buf out = { 0 };
        const int err = inflate_to(&out, deflated, cut, sizeof text);
        refused += err == SIO_EPARSE;
        assert_true(err || out.len != sizeof text || memcmp(out.data, text, out.len) != 0);
        sio_buf_free(&out);
    }
    /* by chance what is left may make sense, up to the end of a block */
    assert_in_range(refused, len - 5, len - 1);
}

static void bombs_stop_at_the_limit(void **state)
{
    (void)state;
    const size_t huge = (size_t)64 << 20, room = 100000;
    char *zeros = calloc(1, huge), *bomb = malloc(room);
    assert_true(zeros && bomb);
    const int64_t len = sio_ws_deflate(deflater, bomb, room, (sio_str){ zeros, huge });
    assert_true(len > 0);
    static const size_t limits[] = { 0, 1, 4095, 65536, 1000000 };
    for (size_t i = 0; i < COUNT(limits); i++) {
        sio_buf out = { 0 };
        assert_int_equal(inflate_to(&out, bomb, (size_t)len, limits[i]), SIO_ELIMIT);
        assert_int_equal(out.len, limits[i] + 1);
        assert_true(out.cap <= 2 * limits[i] + 64);
        sio_buf_free(&out);
    }
    sio_buf out = { 0 };
    assert_int_equal(inflate_to(&out, bomb, (size_t)len, huge), 0);
    assert_int_equal(out.len, huge);
    sio_buf_free(&out);
    free(bomb);
    free(zeros);
}

static void the_limit_itself_is_allowed(void **state)
{
    (void)state;
    sio_buf out = { 0 };
    assert_int_equal(inflate_to(&out, HELLO, 7, 5), 0);
    assert_int_equal(out.len, 5);
    sio_buf_clear(&out);
    assert_int_equal(inflate_to(&out, HELLO, 7, 4), SIO_ELIMIT);
    sio_buf_free(&out);
}

/* ---- section 7.2.1: compression, and the form of a frame ---- */

static void what_is_deflated_inflates(void **state)
{
    (void)state;
    char text[70000], deflated[sizeof text + 100];
    uint32_t seed = 1;
    for (size_t len = 0; len <= sizeof text; len = len * 3 / 2 + 1) {
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char)(seed >> (len % 2 ? 24 : 29));
        }
        const int64_t size =
            sio_ws_deflate(deflater, deflated, sizeof deflated, (sio_str){ text, len });
        assert_true(size >= 0);
        sio_buf out = { 0 };
        assert_int_equal(inflate_to(&out, deflated, (size_t)size, ALL), 0);
        assert_int_equal(out.len, len);
        if (len > 0)
            assert_memory_equal(out.data, text, len);
        sio_buf_free(&out);
    }
}

static void section_7_2_1_no_tail_and_no_memory_of_what_was_before(void **state)
{
    (void)state;
    char first[32], again[32];
    const int64_t len = sio_ws_deflate(deflater, first, sizeof first, SIO_STR("Hello"));
    assert_int_equal(len, 7);
    assert_memory_equal(first, HELLO, 7);
    assert_int_equal(sio_ws_deflate(deflater, again, sizeof again, SIO_STR("Hello")), 7);
    assert_memory_equal(again, HELLO, 7);
}

static void too_little_room_is_told(void **state)
{
    (void)state;
    for (size_t size = 1; size < 32; size++) {
        char *out = malloc(size);
        assert_non_null(out);
        assert_int_equal(sio_ws_deflate(deflater, out, size, SIO_STR("Hello")),
                         size > 11 ? 7 : SIO_ELIMIT);
        free(out);
    }
}

static sio_frame *frame_of(size_t len, bool binary, char letter)
{
    sio_frame *frame = sio_frame_alloc(len, binary);
    assert_non_null(frame);
    memset(frame->data + frame->header, letter, len);
    return frame;
}

static void check_form(sio_frame *frame)
{
    const sio_str form = sio_frame_deflated(frame, deflater), plain = sio_frame_payload(frame);
    assert_true(form.len < frame->len);
    char *copy = exact(form.data, form.len);
    sio_ws_header header;
    assert_int_equal(sio_ws_header_read(&header, copy, form.len), 0);
    assert_true(header.fin);
    assert_int_equal(header.rsv, 4);
    assert_int_equal(header.opcode, frame->binary ? SIO_WS_BINARY : SIO_WS_TEXT);
    assert_int_equal(header.size + header.length, form.len);
    sio_buf out = { 0 };
    assert_int_equal(inflate_to(&out, copy + header.size, header.length, ALL), 0);
    assert_int_equal(out.len, plain.len);
    assert_memory_equal(out.data, plain.data, plain.len);
    sio_buf_free(&out);
    free(copy);
}

static void section_6_the_form_of_a_frame(void **state)
{
    (void)state;
    static const size_t lengths[] = { 20, 125, 126, 1000, 65535, 65536, 1 << 20 };
    for (size_t i = 0; i < 2 * COUNT(lengths); i++) {
        sio_frame *frame = frame_of(lengths[i / 2], i % 2, 'x');
        check_form(frame);
        sio_frame_unref(frame);
    }
}

static void a_form_is_made_once(void **state)
{
    (void)state;
    sio_frame *frame = frame_of(1000, false, 'x');
    const sio_str form = sio_frame_deflated(frame, deflater);
    const uint64_t count = sio_ws_deflater_count(deflater);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(sio_frame_deflated(frame, deflater).data, form.data);
    assert_int_equal(sio_ws_deflater_count(deflater), count);
    assert_int_equal(sio_frame_wire(frame).len, 1004);
    sio_frame_unref(frame);
}

/* The frame goes out plain; it has been deflated in vain `times` times, however often it is sent.
 */
static void check_plain(sio_frame *frame, unsigned times)
{
    const uint64_t count = sio_ws_deflater_count(deflater);
    for (int i = 0; i < 3; i++) {
        const sio_str form = sio_frame_deflated(frame, deflater);
        assert_ptr_equal(form.data, frame->data);
        assert_int_equal(form.len, frame->len);
    }
    assert_int_equal(sio_ws_deflater_count(deflater), count + times);
    assert_null(frame->deflated);
    sio_frame_unref(frame);
}

static void plain_is_what_gains_nothing_or_is_not_wanted(void **state)
{
    (void)state;
    check_plain(frame_of(9, false, 'x'), 0);
    check_plain(frame_of(0, true, 'x'), 0);
    check_plain(frame_of(SIO_LIMIT_DEFLATE + 1, true, 'x'), 0);
    sio_frame *noise = frame_of(256, true, 0);
    for (int i = 0; i < 256; i++)
        noise->data[noise->header + i] = (char)(i * 167);
    check_plain(noise, 1);
    sio_frame *chain = frame_of(1000, false, 'x');
    chain->next = frame_of(1000, true, 'x');
    sio_frame_chain_plain(chain);
    assert_ptr_equal(sio_frame_deflated(chain->next, deflater).data, chain->next->data);
    check_plain(chain, 0);
}

/* ---- settings ---- */

static void levels_and_memory(void **state)
{
    (void)state;
    for (int level = 1; level <= 9; level += 4) {
        for (int mem_level = 1; mem_level <= 9; mem_level += 4) {
            const sio_ws_deflate_config config = { 1, level, mem_level };
            sio_ws_deflater *other;
            char out[2000];
            assert_int_equal(sio_ws_deflater_new(&other, &config), 0);
            memset(out, 'x', 1000);
            char *text = exact(out, 1000);
            assert_in_range(sio_ws_deflate(other, out, sizeof out, (sio_str){ text, 1000 }), 1, 50);
            free(text);
            sio_ws_deflater_free(other);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(section_7_1_no_context_is_taken_over),
        cmocka_unit_test(section_7_1_2_1_the_window_that_the_client_has),
        cmocka_unit_test(section_7_1_2_2_the_window_that_the_client_uses),
        cmocka_unit_test(section_7_1_the_first_acceptable_offer_is_taken),
        cmocka_unit_test(section_9_1_values_may_be_quoted),
        cmocka_unit_test(section_7_1_invalid_offers_are_declined),
        cmocka_unit_test(section_9_1_what_is_no_list_is_malformed),
        cmocka_unit_test(offers_may_be_cut_anywhere),
        cmocka_unit_test(the_longest_answer_fits),
        cmocka_unit_test(section_7_2_3_1_one_block),
        cmocka_unit_test(section_7_2_3_2_a_window_is_not_shared),
        cmocka_unit_test(section_7_2_3_3_a_block_that_is_not_compressed),
        cmocka_unit_test(section_7_2_3_4_a_final_block),
        cmocka_unit_test(section_7_2_3_5_two_blocks),
        cmocka_unit_test(section_7_2_3_6_an_empty_message),
        cmocka_unit_test(what_is_not_deflated_is_refused),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(bombs_stop_at_the_limit),
        cmocka_unit_test(the_limit_itself_is_allowed),
        cmocka_unit_test(what_is_deflated_inflates),
        cmocka_unit_test(section_7_2_1_no_tail_and_no_memory_of_what_was_before),
        cmocka_unit_test(too_little_room_is_told),
        cmocka_unit_test(section_6_the_form_of_a_frame),
        cmocka_unit_test(a_form_is_made_once),
        cmocka_unit_test(plain_is_what_gains_nothing_or_is_not_wanted),
        cmocka_unit_test(levels_and_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
