#include <sio/err.h>
#include <sio/sys/ws.h>

#include "check.h"

static int read_copy(sio_ws_header *out, const void *data, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    int err = sio_ws_header_read(out, len ? copy : copy + 1, len);
    free(copy);
    return err;
}

static void reads_the_examples_of_section_5_7(void **state)
{
    (void)state;
    sio_ws_header header;
    assert_int_equal(read_copy(&header, "\x81\x05", 2), 0);
    assert_int_equal(header.opcode, SIO_WS_TEXT);
    assert_true(header.fin);
    assert_false(header.masked);
    assert_int_equal(header.size, 2);
    assert_int_equal(header.length, 5);

    assert_int_equal(read_copy(&header, "\x81\x85\x37\xfa\x21\x3d", 6), 0);
    assert_true(header.masked);
    assert_int_equal(header.size, 6);
    assert_memory_equal(header.mask, "\x37\xfa\x21\x3d", 4);

    assert_int_equal(read_copy(&header, "\x01\x03", 2), 0);
    assert_false(header.fin);
    assert_int_equal(read_copy(&header, "\x80\x02", 2), 0);
    assert_int_equal(header.opcode, SIO_WS_CONTINUATION);
    assert_int_equal(read_copy(&header, "\x89\x05", 2), 0);
    assert_int_equal(header.opcode, SIO_WS_PING);
    assert_int_equal(read_copy(&header, "\x82\x7e\x01\x00", 4), 0);
    assert_int_equal(header.length, 256);
    assert_int_equal(read_copy(&header, "\x82\x7f\0\0\0\0\0\1\0\0", 10), 0);
    assert_int_equal(header.length, 65536);
    assert_int_equal(header.size, 10);
}

static void keeps_the_reserved_bits(void **state)
{
    (void)state;
    for (unsigned rsv = 0; rsv < 8; rsv++) {
        uint8_t bytes[] = { (uint8_t)(0x81 | rsv << 4), 0 };
        sio_ws_header header;
        assert_int_equal(read_copy(&header, bytes, sizeof bytes), 0);
        assert_int_equal(header.rsv, rsv);
    }
}

static void asks_for_more_at_every_truncation(void **state)
{
    (void)state;
    static const uint64_t lengths[] = { 0, 125, 126, 65535, 65536, UINT64_C(1) << 40 };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t bytes[SIO_WS_HEADER_MAX];
        size_t size =
            sio_ws_header_write(bytes, SIO_WS_BINARY, lengths[i], (const uint8_t *)"abcd");
        sio_ws_header header;
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(read_copy(&header, bytes, cut), SIO_EAGAIN);
        assert_int_equal(read_copy(&header, bytes, size), 0);
        assert_int_equal(header.size, size);
        assert_true(header.length == lengths[i]);
        assert_memory_equal(header.mask, "abcd", 4);
    }
}

static void writes_the_shortest_form(void **state)
{
    (void)state;
    static const struct {
        uint64_t length;
        size_t size;
        const char *bytes;
    } cases[] = {
        { 0, 2, "\x81\x00" },
        { 125, 2, "\x81\x7d" },
        { 126, 4, "\x81\x7e\x00\x7e" },
        { 65535, 4, "\x81\x7e\xff\xff" },
        { 65536, 10, "\x81\x7f\0\0\0\0\0\1\0\0" },
        { UINT64_C(0x0102030405060708), 10, "\x81\x7f\1\2\3\4\5\6\7\10" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[SIO_WS_HEADER_MAX];
        assert_int_equal(sio_ws_header_write(bytes, SIO_WS_TEXT, cases[i].length, NULL),
                         cases[i].size);
        assert_memory_equal(bytes, cases[i].bytes, cases[i].size);
    }
}

static void refuses(const char *bytes, size_t len)
{
    sio_ws_header header;
    assert_int_equal(read_copy(&header, bytes, len), SIO_EPARSE);
}

static void refuses_what_section_5_2_forbids(void **state)
{
    (void)state;
    refuses("\x82\x7e\x00\x7d", 4);
    refuses("\x82\x7f\0\0\0\0\0\0\xff\xff", 10);
    refuses("\x82\x7f\x80\0\0\0\0\1\0\0", 10);
    for (unsigned opcode = 0; opcode < 16; opcode++) {
        bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
        uint8_t bytes[] = { (uint8_t)(0x80 | opcode), 0 };
        sio_ws_header header;
        assert_int_equal(read_copy(&header, bytes, 2), known ? 0 : SIO_EPARSE);
    }
}

static void refuses_control_frames_that_section_5_5_forbids(void **state)
{
    (void)state;
    for (unsigned opcode = SIO_WS_CLOSE; opcode <= SIO_WS_PONG; opcode++) {
        char fragmented[] = { (char)opcode, 0 };
        char too_long[] = { (char)(0x80 | opcode), 126 };
        char much_too_long[] = { (char)(0x80 | opcode), 127 };
        refuses(fragmented, 2);
        refuses(too_long, 2);
        refuses(much_too_long, 2);
    }
}

static void masks_at_every_length_and_offset(void **state)
{
    (void)state;
    const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
    for (size_t len = 0; len < 40; len++) {
        for (size_t offset = 0; offset < 9; offset++) {
            uint8_t *data = malloc(len + 1);
            assert_non_null(data);
            for (size_t i = 0; i < len; i++)
                data[i] = (uint8_t)(i * 7);
            data[len] = 0x55;
            sio_ws_mask(data, len, mask, offset);
            for (size_t i = 0; i < len; i++)
                assert_int_equal(data[i], (uint8_t)(i * 7) ^ mask[(i + offset) % 4]);
            assert_int_equal(data[len], 0x55);
            free(data);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_examples_of_section_5_7),
        cmocka_unit_test(keeps_the_reserved_bits),
        cmocka_unit_test(asks_for_more_at_every_truncation),
        cmocka_unit_test(writes_the_shortest_form),
        cmocka_unit_test(refuses_what_section_5_2_forbids),
        cmocka_unit_test(refuses_control_frames_that_section_5_5_forbids),
        cmocka_unit_test(masks_at_every_length_and_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
