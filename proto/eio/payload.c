#include <sio/err.h>
#include <sio/sys/eio.h>

/* Beyond len, for at len there may be an empty packet: the one after a separator at the end. */
static void finish(sio_eio_payload *payload)
{
    payload->at = payload->len + 1;
}

int sio_eio_payload_next(sio_eio_payload *payload, sio_eio_packet *out)
{
    if (payload->at > payload->len)
        return 0;
    size_t left = payload->len - payload->at;
    char *packet = left > 0 ? payload->data + payload->at : NULL;
    char *separator = left > 0 ? memchr(packet, SIO_EIO_SEPARATOR, left) : NULL;
    size_t len = separator ? (size_t)(separator - packet) : left;
    if (separator)
        payload->at += len + 1;
    else
        finish(payload);
    int err = sio_eio_packet_read(out, packet, len);
    if (!err)
        return 1;
    finish(payload);
    return err;
}
