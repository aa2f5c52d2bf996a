#include <sio/err.h>
#include <sio/sys/eio3.h>
#include <sio/sys/text.h>

static bool is_type(char character)
{
    return character >= SIO_EIO_OPEN && character <= SIO_EIO_NOOP;
}

static int read_base64(sio_eio_packet *out, char *text, size_t len)
{
    if (len == 0 || !is_type(text[0]))
        return SIO_EPARSE;
    size_t size = sio_base64_decode(text + 1, text + 1, len - 1);
    *out = (sio_eio_packet){ .type = (sio_eio_type)text[0],
                             .binary = true,
                             .data = { text + 1, size } };
    return 0;
}

int sio_eio3_packet_read(sio_eio_packet *out, char *text, size_t len)
{
    if (len > 0 && text[0] == 'b')
        return read_base64(out, text + 1, len - 1);
    if (len == 0 || !is_type(text[0]))
        return SIO_EPARSE;
    *out = (sio_eio_packet){ .type = (sio_eio_type)text[0], .data = { text + 1, len - 1 } };
    return 0;
}

int sio_eio3_packet_read_binary(sio_eio_packet *out, const char *data, size_t len)
{
    if (len == 0 || (unsigned char)data[0] > SIO_EIO_NOOP - '0')
        return SIO_EPARSE;
    *out = (sio_eio_packet){ .type = (sio_eio_type)('0' + data[0]),
                             .binary = true,
                             .data = { data + 1, len - 1 } };
    return 0;
}
