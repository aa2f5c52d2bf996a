/*
 * Engine.IO, revision 3, where it differs from revision 4: what clients of Socket.IO 2 speak.
 * https://github.com/socketio/engine.io-protocol/tree/v3
 */
#ifndef SIO_SYS_EIO3_H
#define SIO_SYS_EIO3_H

#include <sio/sys/eio.h>

/* One packet of text. A message of bytes is `b`, its type and base64; it is decoded in place, hence
 * not const. SIO_EPARSE: no such type, or empty. */
SIO_EXTERN SIO_MUST_USE int sio_eio3_packet_read(sio_eio_packet *out, char *text, size_t len);

/* One packet of bytes, as a binary WebSocket message holds it: its type (0 to 6), then the data.
 * SIO_EPARSE as above. */
SIO_EXTERN SIO_MUST_USE int sio_eio3_packet_read_binary(sio_eio_packet *out, const char *data,
                                                        size_t len);

/* ---- polling payload ---- */

/*
 * Walks a payload as sio_eio_payload_next does. Of text (`<length>:<packet>`, the length in UTF-16
 * code units), or with `binary` of bytes: 0 for a packet of text, 1 for one of bytes, the digits of
 * its length in bytes (0 to 9, not their characters), 255, the packet. An empty payload of text is
 * malformed, one of bytes is not.
 */
typedef struct sio_eio3_payload {
    char *data;
    size_t len;
    size_t at;
    bool binary;
} sio_eio3_payload;
SIO_EXTERN SIO_MUST_USE int sio_eio3_payload_next(sio_eio3_payload *payload, sio_eio_packet *out);

/* Write what stands before a packet in a payload, and return its length: of text, and of bytes
 * (where `binary` tells the packet's own kind). */
#define SIO_EIO3_PREFIX_MAX 12
SIO_EXTERN size_t sio_eio3_prefix(char out[SIO_EIO3_PREFIX_MAX], sio_str packet);
SIO_EXTERN size_t sio_eio3_prefix_binary(char out[SIO_EIO3_PREFIX_MAX], sio_str packet,
                                         bool binary);

#endif
