#include <sio/err.h>
#include <sio/sys/eio.h>

#include "check.h"

/* Reads from memory of exactly that size; what it reads must be freed with the copy. */
static int read_copy(sio_eio_packet *out, char **copy, const char *text, size_t len)
{
    *copy = malloc(len ? len : 1);
    assert_non_null(*copy);
    memcpy(*copy, text, len);
    return sio_eio_packet_read(out, *copy, len);
}

static void check_packet(const char *text, size_t len, sio_eio_type type, bool binary,
                         const char *data, size_t size)
{
    sio_eio_packet packet;
    char *copy;
    assert_int_equal(read_copy(&packet, &copy, text, len), 0);
    assert_int_equal(packet.type, type);
    assert_int_equal(packet.binary, binary);
    assert_int_equal(packet.data.len, size);
    assert_memory_equal(packet.data.data, data, size);
    free(copy);
}

static void reads_every_type(void **state)
{
    (void)state;
    check_packet("0{}", 3, SIO_EIO_OPEN, false, "{}", 2);
    check_packet("1", 1, SIO_EIO_CLOSE, false, "", 0);
    check_packet("2probe", 6, SIO_EIO_PING, false, "probe", 5);
    check_packet("3", 1, SIO_EIO_PONG, false, "", 0);
    check_packet("4hello", 6, SIO_EIO_MESSAGE, false, "hello", 5);
    check_packet("4", 1, SIO_EIO_MESSAGE, false, "", 0);
    check_packet("4a\0b", 4, SIO_EIO_MESSAGE, false, "a\0b", 3);
    check_packet("5", 1, SIO_EIO_UPGRADE, false, "", 0);
    check_packet("6", 1, SIO_EIO_NOOP, false, "", 0);
}

static void reads_base64_as_a_message_of_bytes(void **state)
{
    (void)state;
    check_packet("bAQIDBA==", 9, SIO_EIO_MESSAGE, true, "\1\2\3\4", 4);
    check_packet("bAQIDBA", 7, SIO_EIO_MESSAGE, true, "\1\2\3\4", 4);
    check_packet("b-_8=", 5, SIO_EIO_MESSAGE, true, "\xfb\xff", 2);
    check_packet("b", 1, SIO_EIO_MESSAGE, true, "", 0);
    check_packet("b!!", 3, SIO_EIO_MESSAGE, true, "", 0);
}

static void refuses_all_other_beginnings(void **state)
{
    (void)state;
    sio_eio_packet packet;
    char *copy;
    assert_int_equal(read_copy(&packet, &copy, "", 0), SIO_EPARSE);
    free(copy);
    for (int c = 0; c < 256; c++) {
        char text[] = { (char)c, 'x' };
        bool known = (c >= '0' && c <= '6') || c == 'b';
        assert_int_equal(read_copy(&packet, &copy, text, 2), known ? 0 : SIO_EPARSE);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(reads_base64_as_a_message_of_bytes),
        cmocka_unit_test(refuses_all_other_beginnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
