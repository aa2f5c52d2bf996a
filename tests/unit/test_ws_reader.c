#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/deflate.h>
#include <sio/sys/ws.h>

#include "check.h"

#define MAX_PAYLOAD 100000

static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
static const sio_ws_rules of_client = { .max_payload = MAX_PAYLOAD, .from_client = true };
static const sio_ws_rules of_server = { .max_payload = MAX_PAYLOAD };
static const sio_ws_rules unlimited = { .max_payload = SIZE_MAX, .from_client = true };

/* ---- a stream of frames, and what a reader makes of it ---- */

/* `first` is the first byte: FIN, RSV and opcode. */
static void put(sio_buf *stream, unsigned first, const void *data, size_t len)
{
    uint8_t header[SIO_WS_HEADER_MAX];
    size_t size = sio_ws_header_write(header, SIO_WS_BINARY, len, mask);
    header[0] = (uint8_t)first;
    sio_buf_append(stream, header, size);
    char *payload = sio_buf_reserve(stream, len + 1);
    assert_non_null(payload);
    if (len > 0)
        memcpy(payload, data, len);
    sio_ws_mask(payload, len, mask, 0);
    stream->len += len;
}

static void put_text(sio_buf *stream, unsigned first, const char *text)
{
    put(stream, first, text, strlen(text));
}

static void record(sio_buf *log, const sio_ws_message *message)
{
    static const char *const names[] = { [SIO_WS_TEXT] = "text",
                                         [SIO_WS_BINARY] = "binary",
                                         [SIO_WS_CLOSE] = "close",
                                         [SIO_WS_PING] = "ping",
                                         [SIO_WS_PONG] = "pong" };
    assert_non_null(message->data);
    sio_buf_text(log, names[message->opcode]);
    if (message->opcode == SIO_WS_CLOSE)
        sio_buf_printf(log, " %d", message->close_code);
    sio_buf_byte(log, ' ');
    sio_buf_append(log, message->data, message->len);
    sio_buf_byte(log, '\n');
}

/* Reads one piece from memory of exactly its size. Returns whether the connection goes on. */
static bool feed(sio_ws_reader *reader, const char *piece, size_t len, const sio_ws_rules *rules,
                 sio_buf *log)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, piece, len);
    char *data = copy;
    int rc;
    do {
        sio_ws_message message;
        int code = 0;
        rc = sio_ws_reader_next(reader, &data, &len, rules, &message, &code);
        if (rc == 1)
            record(log, &message);
        if (rc == 1 && message.opcode == SIO_WS_CLOSE)
            rc = -1;
        else if (rc < 0)
            sio_buf_printf(log, "error %d\n", code);
    } while (rc == 1);
    if (rc == 0)
        assert_int_equal(len, 0);
    free(copy);
    return rc == 0;
}

static void check_log(sio_buf *log, const char *expected)
{
    sio_buf_byte(log, '\0');
    assert_int_equal(log->err, 0);
    assert_string_equal(log->data, expected);
    sio_buf_free(log);
}

static void check_pieces_by(const sio_ws_rules *rules, const sio_buf *stream, size_t first,
                            size_t step, const char *expected)
{
    sio_ws_reader reader = { 0 };
    sio_buf log = { 0 };
    bool open = feed(&reader, stream->data, first, rules, &log);
    for (size_t at = first; open && at < stream->len; at += step) {
        size_t left = stream->len - at;
        open = feed(&reader, stream->data + at, left < step ? left : step, rules, &log);
    }
    sio_ws_reader_free(&reader);
    check_log(&log, expected);
}

static void check_pieces(const sio_buf *stream, size_t first, size_t step, const char *expected)
{
    check_pieces_by(&of_client, stream, first, step, expected);
}

/* The stream must mean the same in one piece, byte by byte and at every split. Frees it. */
static void check_by(const sio_ws_rules *rules, sio_buf *stream, const char *expected)
{
    assert_int_equal(stream->err, 0);
    check_pieces_by(rules, stream, stream->len, 1, expected);
    for (size_t step = 1; step < 8; step++)
        check_pieces_by(rules, stream, 0, step, expected);
    for (size_t split = 0; split <= stream->len; split++)
        check_pieces_by(rules, stream, split, stream->len, expected);
    sio_buf_free(stream);
}

static void check(sio_buf *stream, const char *expected)
{
    check_by(&of_client, stream, expected);
}

static void check_frame(unsigned first, const void *data, size_t len, const char *expected)
{
    sio_buf stream = { 0 };
    put(&stream, first, data, len);
    check(&stream, expected);
}

/* ---- section 5 ---- */

static void messages_of_one_frame(void **state)
{
    (void)state;
    check_frame(0x81, "Hello", 5, "text Hello\n");
    check_frame(0x81, "", 0, "text \n");
    check_frame(0x82, "", 0, "binary \n");
    check_frame(0x82, "\xff\xfe", 2, "binary \xff\xfe\n");
    check_frame(0x89, "Hello", 5, "ping Hello\n");
    check_frame(0x8a, "", 0, "pong \n");
}

static void many_messages_in_one_input(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x81, "one");
    put_text(&stream, 0x89, "two");
    put_text(&stream, 0x82, "three");
    put_text(&stream, 0x81, "");
    put_text(&stream, 0x81, "vier \xe2\x82\xac");
    check(&stream, "text one\nping two\nbinary three\ntext \ntext vier \xe2\x82\xac\n");
}

static void section_5_2_lengths(void **state)
{
    (void)state;
    static const size_t lengths[] = { 125, 126, 127, 65535, 65536, MAX_PAYLOAD };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t len = lengths[i];
        char *text = malloc(len + 1);
        char *expected = malloc(len + 16);
        assert_true(text && expected);
        for (size_t k = 0; k < len; k++)
            text[k] = (char)('a' + k % 26);
        text[len] = '\0';
        snprintf(expected, len + 16, "text %s\n", text);
        sio_buf stream = { 0 };
        put(&stream, 0x81, text, len);
        check_pieces(&stream, stream.len, 1, expected);
        check_pieces(&stream, 0, 4096, expected);
        check_pieces(&stream, 1, 997, expected);
        for (size_t split = 0; split < 20; split++)
            check_pieces(&stream, split, stream.len, expected);
        sio_buf_free(&stream);
        free(expected);
        free(text);
    }
}

static void section_5_2_reserved_bits_and_opcodes(void **state)
{
    (void)state;
    check_frame(0xc1, "x", 1, "error 1002\n");
    check_frame(0xa1, "x", 1, "error 1002\n");
    check_frame(0x91, "x", 1, "error 1002\n");
    check_frame(0xc9, "x", 1, "error 1002\n");
    check_frame(0x83, "x", 1, "error 1002\n");
    check_frame(0x87, "x", 1, "error 1002\n");
    check_frame(0x8b, "x", 1, "error 1002\n");
    check_frame(0x8f, "x", 1, "error 1002\n");
}

static void section_5_1_clients_mask(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x81, "good");
    sio_buf_append(&stream, "\x81\x05Hello", 7);
    check(&stream, "text good\nerror 1002\n");
}

static void section_5_1_servers_do_not_mask(void **state)
{
    (void)state;
    sio_ws_reader reader = { 0 };
    sio_buf log = { 0 };
    assert_true(feed(&reader, "\x81\x05Hello", 7, &of_server, &log));
    assert_true(feed(&reader, "\x82\x02x", 3, &of_server, &log));
    assert_true(feed(&reader, "y", 1, &of_server, &log));
    assert_false(feed(&reader, "\x81\x80\1\2\3\4", 6, &of_server, &log));
    sio_ws_reader_free(&reader);
    check_log(&log, "text Hello\nbinary xy\nerror 1002\n");
}

static void section_5_4_fragments(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x01, "Hel");
    put_text(&stream, 0x80, "lo");
    put_text(&stream, 0x02, "");
    put_text(&stream, 0x00, "");
    put_text(&stream, 0x00, "a");
    put_text(&stream, 0x00, "b");
    put_text(&stream, 0x80, "");
    put_text(&stream, 0x01, "");
    put_text(&stream, 0x80, "");
    put_text(&stream, 0x81, "whole");
    check(&stream, "text Hello\nbinary ab\ntext \ntext whole\n");
}

static void section_5_4_control_frames_between_fragments(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x01, "frag");
    put_text(&stream, 0x89, "ping 1");
    put_text(&stream, 0x00, "men");
    put_text(&stream, 0x8a, "");
    put_text(&stream, 0x89, "ping 2");
    put_text(&stream, 0x80, "ted");
    put_text(&stream, 0x8a, "after");
    check(&stream, "ping ping 1\npong \nping ping 2\ntext fragmented\npong after\n");
}

static void section_5_4_close_between_fragments(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x01, "never whole");
    put(&stream, 0x88, "\x03\xe8", 2);
    put_text(&stream, 0x80, "not read");
    check(&stream, "close 1000 \n");
}

static void section_5_4_broken_fragmentation(void **state)
{
    (void)state;
    check_frame(0x80, "x", 1, "error 1002\n");
    check_frame(0x00, "x", 1, "error 1002\n");

    sio_buf stream = { 0 };
    put_text(&stream, 0x01, "a");
    put_text(&stream, 0x81, "b");
    check(&stream, "error 1002\n");

    put_text(&stream, 0x02, "a");
    put_text(&stream, 0x02, "b");
    check(&stream, "error 1002\n");

    put_text(&stream, 0x01, "a");
    put_text(&stream, 0x80, "b");
    put_text(&stream, 0x80, "c");
    check(&stream, "text ab\nerror 1002\n");
}

static void section_5_5_control_frames(void **state)
{
    (void)state;
    char data[126];
    memset(data, 'p', sizeof data);
    char expected[140];
    snprintf(expected, sizeof expected, "ping %.125s\n", data);
    check_frame(0x89, data, 125, expected);
    check_frame(0x89, data, 126, "error 1002\n");
    check_frame(0x88, data, 126, "error 1002\n");
    check_frame(0x09, "x", 1, "error 1002\n");
    check_frame(0x0a, "x", 1, "error 1002\n");
    check_frame(0x08, "", 0, "error 1002\n");
}

/* ---- sections 5.5.1 and 7.4 ---- */

static void section_7_1_5_close_without_a_code(void **state)
{
    (void)state;
    check_frame(0x88, "", 0, "close 1005 \n");
    check_frame(0x88, "\x03", 1, "error 1002\n");
}

static void section_7_1_6_close_reasons(void **state)
{
    (void)state;
    check_frame(0x88,
                "\x03\xe8"
                "ciao \xe2\x82\xac",
                10, "close 1000 ciao \xe2\x82\xac\n");
    check_frame(0x88, "\x03\xe8\xe2\x82", 4, "error 1007\n");
    check_frame(0x88, "\x03\xe8\xff", 3, "error 1007\n");
}

static void section_7_4_close_codes(void **state)
{
    (void)state;
    static const struct {
        int from, to;
        bool valid;
    } ranges[] = { { 0, 999, false },     { 1000, 1003, true },   { 1004, 1006, false },
                   { 1007, 1014, true },  { 1015, 2999, false },  { 3000, 4999, true },
                   { 5000, 5000, false }, { 65535, 65535, false } };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (int edge = 0; edge < 2; edge++) {
            int code = edge ? ranges[i].to : ranges[i].from;
            uint8_t payload[] = { (uint8_t)(code >> 8), (uint8_t)code };
            char expected[32];
            snprintf(expected, sizeof expected, ranges[i].valid ? "close %d \n" : "error %d\n",
                     ranges[i].valid ? code : 1002);
            check_frame(0x88, payload, 2, expected);
        }
    }
}

/* ---- section 8.1 ---- */

static void section_8_1_text_is_utf8(void **state)
{
    (void)state;
    check_frame(0x81, "\xce\xba\xe1\xbd\xb9\xf0\x9f\x98\x80", 9,
                "text \xce\xba\xe1\xbd\xb9\xf0\x9f\x98\x80\n");
    static const char *const bad[] = { "\xff",     "a\xc0\x80",        "\xed\xa0\x80",
                                       "\xe2\x82", "\xf4\x90\x80\x80", "\x80",
                                       "abc\xce",  "\xf0\x9f\x98" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_frame(0x81, bad[i], strlen(bad[i]), "error 1007\n");
}

static void section_8_1_characters_cut_by_fragments(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x01, "\xf0");
    put_text(&stream, 0x89, "\xff");
    put_text(&stream, 0x00, "\x9f\x98");
    put_text(&stream, 0x80, "\x80!");
    check(&stream, "ping \xff\ntext \xf0\x9f\x98\x80!\n");

    put_text(&stream, 0x01, "\xe2\x82");
    put_text(&stream, 0x80, "");
    check(&stream, "error 1007\n");

    put_text(&stream, 0x02, "\xe2");
    put_text(&stream, 0x80, "\xff");
    check(&stream, "binary \xe2\xff\n");
}

static void section_8_1_bad_text_fails_before_its_end(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x01, "good");
    put_text(&stream, 0x00, "bad\xff");
    check(&stream, "error 1007\n");

    put_text(&stream, 0x81, "a\xff and much more");
    stream.len -= 10;
    check_pieces(&stream, stream.len, 1, "error 1007\n");
    sio_buf_free(&stream);
}

/* ---- RFC 7692 ---- */

static const char hello[] = "\xf2\x48\xcd\xc9\xc9\x07\x00";

static sio_ws_inflater *inflater;

static int set_up(void **state)
{
    (void)state;
    return sio_ws_inflater_new(&inflater);
}

static int tear_down(void **state)
{
    (void)state;
    sio_ws_inflater_free(inflater);
    return 0;
}

/* As a connection that negotiated permessage-deflate. Frees the stream. */
static void check_deflated(sio_buf *stream, const char *expected)
{
    check_by(&(sio_ws_rules){ MAX_PAYLOAD, true, inflater }, stream, expected);
}

static void deflate_section_6_rsv1_marks_a_message(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put(&stream, 0xc1, hello, 7);
    put(&stream, 0xc2, hello, 7);
    put_text(&stream, 0x81, "plain");
    put(&stream, 0x89, "ping", 4);
    put(&stream, 0xc1, hello, 7);
    check_deflated(&stream, "text Hello\nbinary Hello\ntext plain\nping ping\ntext Hello\n");
}

static void deflate_section_6_1_fragments(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= 7; cut++) {
        sio_buf stream = { 0 };
        put(&stream, 0x41, hello, cut);
        put_text(&stream, 0x89, "between");
        put(&stream, 0x00, "", 0);
        put(&stream, 0x80, hello + cut, 7 - cut);
        put_text(&stream, 0x01, "pl");
        put_text(&stream, 0x80, "ain");
        check_deflated(&stream, "ping between\ntext Hello\ntext plain\n");
    }
}

static void deflate_section_6_1_only_the_first_frame_has_rsv1(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put(&stream, 0x41, hello, 3);
    put(&stream, 0xc0, hello + 3, 4);
    check_deflated(&stream, "error 1002\n");
    put_text(&stream, 0x01, "Hel");
    put(&stream, 0xc0, hello, 7);
    check_deflated(&stream, "error 1002\n");
    put(&stream, 0xc0, hello, 7);
    check_deflated(&stream, "error 1002\n");
}

static void deflate_section_6_1_control_frames_are_never_deflated(void **state)
{
    (void)state;
    static const unsigned firsts[] = { 0xc8, 0xc9, 0xca, 0xb1, 0xa1, 0x91, 0xe1, 0xd1, 0xf1 };
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        sio_buf stream = { 0 };
        put(&stream, firsts[i], hello, 7);
        check_deflated(&stream, "error 1002\n");
    }
}

static void deflate_section_6_rsv1_without_the_extension(void **state)
{
    (void)state;
    check_frame(0xc1, hello, 7, "error 1002\n");
    check_frame(0x42, hello, 7, "error 1002\n");
}

static void deflate_section_7_2_3_6_empty_messages(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put(&stream, 0xc1, "\0", 1);
    put(&stream, 0xc2, "", 0);
    put(&stream, 0x41, "", 0);
    put(&stream, 0x80, "\0", 1);
    check_deflated(&stream, "text \nbinary \ntext \n");
}

static void deflate_what_does_not_inflate(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0xc1, "Hello");
    check_deflated(&stream, "error 1007\n");
    put(&stream, 0xc2, hello, 4);
    check_deflated(&stream, "error 1007\n");
    put_text(&stream, 0x42, "Hel");
    put_text(&stream, 0x80, "lo");
    check_deflated(&stream, "error 1007\n");
}

/* Blocks that are not compressed: the text is in sight. */
static void deflate_text_is_checked_when_it_is_inflated(void **state)
{
    (void)state;
    static const char good[] = "\0\x03\0\xfc\xff\xe2\x82\xac", bad[] = "\0\x02\0\xfd\xff\xe2\x82";
    sio_buf stream = { 0 };
    put(&stream, 0xc1, good, 9);
    check_deflated(&stream, "text \xe2\x82\xac\n");
    put(&stream, 0x41, good, 7);
    put(&stream, 0x80, good + 7, 2);
    check_deflated(&stream, "text \xe2\x82\xac\n");
    put(&stream, 0xc1, bad, 8);
    check_deflated(&stream, "error 1007\n");
    put(&stream, 0xc2, bad, 8);
    check_deflated(&stream, "binary \xe2\x82\n");
}

static void deflate_both_forms_meet_the_limit(void **state)
{
    (void)state;
    const sio_ws_rules seven = { 7, true, inflater }, four = { 4, true, inflater };
    sio_buf stream = { 0 };
    put(&stream, 0xc1, hello, 7);
    check_by(&seven, &stream, "text Hello\n");
    put(&stream, 0xc1, hello, 7);
    check_by(&four, &stream, "error 1009\n");
    /* 4 bytes that stand for 258 */
    put(&stream, 0xc2, "\x4b\x1c\x05\x00", 4);
    check_by(&seven, &stream, "error 1009\n");
    put(&stream, 0x42, "\0\0\0\xff\xff", 5);
    put(&stream, 0x80, "\0\0\0\xff\xff", 5);
    check_by(&seven, &stream, "error 1009\n");
}

static void deflate_owns_nothing_between_messages(void **state)
{
    (void)state;
    const sio_ws_rules rules = { MAX_PAYLOAD, true, inflater };
    sio_buf stream = { 0 };
    put(&stream, 0x41, hello, 3);
    put(&stream, 0x80, hello + 3, 4);
    put(&stream, 0xc1, hello, 7);
    for (size_t split = 0; split <= stream.len; split++) {
        sio_ws_reader reader = { 0 };
        sio_buf log = { 0 };
        assert_true(feed(&reader, stream.data, split, &rules, &log));
        assert_true(feed(&reader, stream.data + split, stream.len - split, &rules, &log));
        assert_null(reader.partial);
        check_log(&log, "text Hello\ntext Hello\n");
    }
    sio_buf_free(&stream);
}

/* ---- memory ---- */

static void refuses_too_much_from_the_header_alone(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    uint8_t header[SIO_WS_HEADER_MAX];
    size_t size = sio_ws_header_write(header, SIO_WS_BINARY, MAX_PAYLOAD + 1, mask);
    sio_buf_append(&stream, header, size);
    check(&stream, "error 1009\n");

    size = sio_ws_header_write(header, SIO_WS_TEXT, INT64_MAX, mask);
    sio_buf_append(&stream, header, size);
    check(&stream, "error 1009\n");

    put_text(&stream, 0x01, "kept");
    size = sio_ws_header_write(header, SIO_WS_CONTINUATION, MAX_PAYLOAD - 3, mask);
    sio_buf_append(&stream, header, size);
    check(&stream, "error 1009\n");
}

static void claims_allocate_nothing(void **state)
{
    (void)state;
    uint8_t header[SIO_WS_HEADER_MAX];
    size_t size = sio_ws_header_write(header, SIO_WS_BINARY, UINT64_C(1) << 62, mask);
    sio_ws_reader reader = { 0 };
    sio_ws_message message;
    int code = 0;
    char *data = (char *)header;
    assert_int_equal(sio_ws_reader_next(&reader, &data, &size, &unlimited, &message, &code), 0);
    char byte = 'x';
    data = &byte;
    size = 1;
    assert_int_equal(sio_ws_reader_next(&reader, &data, &size, &unlimited, &message, &code), 0);
    sio_ws_reader_free(&reader);
}

static void owns_nothing_between_messages(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x01, "frag");
    put_text(&stream, 0x89, "ping");
    put_text(&stream, 0x80, "mented");
    put_text(&stream, 0x89, "ping");
    for (size_t split = 0; split <= stream.len; split++) {
        sio_ws_reader reader = { 0 };
        sio_buf log = { 0 };
        feed(&reader, stream.data, split, &of_client, &log);
        feed(&reader, stream.data + split, stream.len - split, &of_client, &log);
        assert_null(reader.partial);
        check_log(&log, "ping ping\ntext fragmented\nping ping\n");
    }
    sio_buf_free(&stream);
}

static void whole_messages_are_handed_on_in_place(void **state)
{
    (void)state;
    sio_buf stream = { 0 };
    put_text(&stream, 0x81, "in place");
    sio_ws_reader reader = { 0 };
    sio_ws_message message;
    int code;
    char *data = stream.data;
    size_t len = stream.len;
    assert_int_equal(sio_ws_reader_next(&reader, &data, &len, &of_client, &message, &code), 1);
    assert_ptr_equal(message.data, stream.data + 6);
    assert_null(reader.partial);
    assert_int_equal(len, 0);
    sio_buf_free(&stream);
}

static void what_a_frame_lacks(void **state)
{
    (void)state;
    sio_ws_reader reader = { 0 };
    sio_buf stream = { 0 }, log = { 0 };
    put_text(&stream, 0x81, "0123456789");
    const size_t header = stream.len - 10;
    assert_int_equal(sio_ws_reader_lacks(&reader), 0);
    assert_true(feed(&reader, stream.data, 1, &of_client, &log));
    assert_int_equal(sio_ws_reader_lacks(&reader), 0); /* who knows */
    assert_true(feed(&reader, stream.data + 1, header - 1, &of_client, &log));
    assert_int_equal(sio_ws_reader_lacks(&reader), 10);
    assert_true(feed(&reader, stream.data + header, 7, &of_client, &log));
    assert_int_equal(sio_ws_reader_lacks(&reader), 3);
    assert_true(feed(&reader, stream.data + header + 7, 3, &of_client, &log));
    assert_int_equal(sio_ws_reader_lacks(&reader), 0);
    sio_ws_reader_free(&reader);
    sio_buf_free(&stream);
    sio_buf_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_one_frame),
        cmocka_unit_test(many_messages_in_one_input),
        cmocka_unit_test(section_5_2_lengths),
        cmocka_unit_test(section_5_2_reserved_bits_and_opcodes),
        cmocka_unit_test(section_5_1_clients_mask),
        cmocka_unit_test(section_5_1_servers_do_not_mask),
        cmocka_unit_test(section_5_4_fragments),
        cmocka_unit_test(section_5_4_control_frames_between_fragments),
        cmocka_unit_test(section_5_4_close_between_fragments),
        cmocka_unit_test(section_5_4_broken_fragmentation),
        cmocka_unit_test(section_5_5_control_frames),
        cmocka_unit_test(section_7_1_5_close_without_a_code),
        cmocka_unit_test(section_7_1_6_close_reasons),
        cmocka_unit_test(section_7_4_close_codes),
        cmocka_unit_test(section_8_1_text_is_utf8),
        cmocka_unit_test(section_8_1_characters_cut_by_fragments),
        cmocka_unit_test(section_8_1_bad_text_fails_before_its_end),
        cmocka_unit_test(deflate_section_6_rsv1_marks_a_message),
        cmocka_unit_test(deflate_section_6_1_fragments),
        cmocka_unit_test(deflate_section_6_1_only_the_first_frame_has_rsv1),
        cmocka_unit_test(deflate_section_6_1_control_frames_are_never_deflated),
        cmocka_unit_test(deflate_section_6_rsv1_without_the_extension),
        cmocka_unit_test(deflate_section_7_2_3_6_empty_messages),
        cmocka_unit_test(deflate_what_does_not_inflate),
        cmocka_unit_test(deflate_text_is_checked_when_it_is_inflated),
        cmocka_unit_test(deflate_both_forms_meet_the_limit),
        cmocka_unit_test(deflate_owns_nothing_between_messages),
        cmocka_unit_test(refuses_too_much_from_the_header_alone),
        cmocka_unit_test(claims_allocate_nothing),
        cmocka_unit_test(owns_nothing_between_messages),
        cmocka_unit_test(whole_messages_are_handed_on_in_place),
        cmocka_unit_test(what_a_frame_lacks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
