#include <sio/err.h>
#include <sio/sys/eio3.h>

#include "check.h"

/* Exact-size copies, since base64 is decoded in place and an overread must show. */
static int read_text(const char *text, size_t len, sio_eio_packet *out, char **copy)
{
    *copy = malloc(len ? len : 1);
    assert_non_null(*copy);
    memcpy(*copy, text, len);
    return sio_eio3_packet_read(out, *copy, len);
}

static void check_text(const char *text, sio_eio_type type, bool binary, const char *data)
{
    char *copy;
    sio_eio_packet packet;
    assert_int_equal(read_text(text, strlen(text), &packet, &copy), 0);
    assert_int_equal(packet.type, type);
    assert_int_equal(packet.binary, binary);
    assert_int_equal(packet.data.len, strlen(data));
    assert_memory_equal(packet.data.data, data, packet.data.len);
    free(copy);
}

static void reads_text(void **state)
{
    (void)state;
    check_text("0", SIO_EIO_OPEN, false, "");
    check_text("2probe", SIO_EIO_PING, false, "probe");
    check_text("4hello", SIO_EIO_MESSAGE, false, "hello");
    check_text("4b4YQ==", SIO_EIO_MESSAGE, false, "b4YQ==");
    check_text("6", SIO_EIO_NOOP, false, "");
}

static void reads_base64_with_its_type(void **state)
{
    (void)state;
    check_text("b4YWJj", SIO_EIO_MESSAGE, true, "abc");
    check_text("b4YQ==", SIO_EIO_MESSAGE, true, "a");
    check_text("b4", SIO_EIO_MESSAGE, true, "");
    check_text("b2YQ", SIO_EIO_PING, true, "a");
}

static void refuses_what_is_no_text_packet(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "", "7", "a", " 4", "/", "\xff", "b", "b7", "bYWJj", "bb4"
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *copy;
        sio_eio_packet packet;
        assert_int_equal(read_text(cases[i], strlen(cases[i]), &packet, &copy), SIO_EPARSE);
        free(copy);
    }
}

static void reads_bytes(void **state)
{
    (void)state;
    static const char message[] = { 4, 0, (char)0xff };
    sio_eio_packet packet;
    assert_int_equal(sio_eio3_packet_read_binary(&packet, message, sizeof message), 0);
    assert_int_equal(packet.type, SIO_EIO_MESSAGE);
    assert_true(packet.binary);
    assert_int_equal(packet.data.len, 2);
    assert_memory_equal(packet.data.data, message + 1, 2);
    assert_int_equal(sio_eio3_packet_read_binary(&packet, message, 1), 0);
    assert_int_equal(packet.data.len, 0);
    assert_int_equal(sio_eio3_packet_read_binary(&packet, message, 0), SIO_EPARSE);
    for (int type = 0; type < 256; type++) {
        const char byte = (char)type;
        const int err = sio_eio3_packet_read_binary(&packet, &byte, 1);
        assert_int_equal(err, type <= 6 ? 0 : SIO_EPARSE);
        if (!err)
            assert_int_equal(packet.type, '0' + type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_text),
        cmocka_unit_test(reads_base64_with_its_type),
        cmocka_unit_test(refuses_what_is_no_text_packet),
        cmocka_unit_test(reads_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
