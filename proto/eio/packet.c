#include <sio/err.h>
#include <sio/sys/eio.h>
#include <sio/sys/text.h>

static void read_base64(sio_eio_packet *out, char *text, size_t len)
{
    size_t size = sio_base64_decode(text, text, len);
    *out = (sio_eio_packet){ .type = SIO_EIO_MESSAGE, .binary = true, .data = { text, size } };
}

int sio_eio_packet_read(sio_eio_packet *out, char *text, size_t len)
{
    if (len == 0)
        return SIO_EPARSE;
    if (text[0] == 'b') {
        read_base64(out, text + 1, len - 1);
        return 0;
    }
    if (text[0] < SIO_EIO_OPEN || text[0] > SIO_EIO_NOOP)
        return SIO_EPARSE;
    *out = (sio_eio_packet){ .type = (sio_eio_type)text[0], .data = { text + 1, len - 1 } };
    return 0;
}
