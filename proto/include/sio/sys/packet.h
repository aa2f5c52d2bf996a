/*
 * Socket.IO packets, revision 5, as socket.io-parser 4.2 reads and writes them.
 * https://github.com/socketio/socket.io-protocol
 */
#ifndef SIO_SYS_PACKET_H
#define SIO_SYS_PACKET_H

#include <sio/sys/frame.h>
#include <sio/sys/value.h>

typedef enum sio_packet_type {
    SIO_PACKET_CONNECT,
    SIO_PACKET_DISCONNECT,
    SIO_PACKET_EVENT,
    SIO_PACKET_ACK,
    SIO_PACKET_CONNECT_ERROR,
    SIO_PACKET_BINARY_EVENT,
    SIO_PACKET_BINARY_ACK
} sio_packet_type;

#define SIO_PACKET_ID_MAX 9007199254740991u /* 2^53 - 1: JavaScript counts no further */

typedef struct sio_packet {
    sio_packet_type
        type;    /* decoded packets are never BINARY_: they come with their attachments in place */
    sio_str nsp; /* "/" when absent, perhaps with a query behind; borrowed */
    bool has_id;
    uint64_t id;    /* of the acknowledgement; at most SIO_PACKET_ID_MAX */
    sio_value data; /* undefined when absent */
    sio_str json;   /* to encode: what is sent in place of `data`; data NULL: nothing */
} sio_packet;

/* Whether an event of this name is refused from clients and to them: connect, connect_error,
 * disconnect, disconnecting, newListener, removeListener. */
SIO_EXTERN bool sio_packet_reserved(sio_str event);

/* ---- encoder ---- */

/* A new chain of frames with one reference. Data that is undefined or null is left out. EVENT and
 * ACK with binary inside become BINARY_EVENT and BINARY_ACK. `nsp` "/" is left out. Errors:
 * SIO_ENOMEM, SIO_ELIMIT (attachments, length). */
SIO_EXTERN SIO_MUST_USE int sio_packet_encode(const sio_packet *packet, sio_frame **out);

/* The same as one binary frame, as socket.io-msgpack-parser 3.0 writes it: binary stays where it
 * is. Only data that is undefined is left out. Errors: SIO_ENOMEM, SIO_ELIMIT (length). */
SIO_EXTERN SIO_MUST_USE int sio_packet_encode_msgpack(const sio_packet *packet, sio_frame **out);

/* ---- decoder ---- */

/* The packet that waits for its attachments; one per client, NULL inside while nothing waits.
 * Zeroed memory is a fresh one. */
typedef struct sio_decoder {
    struct sio_decoder_pending *pending;
} sio_decoder;

/*
 * A text message, and a binary one. Return 1 with a whole packet in `out` (borrowed: from the
 * input, from `arena`, or, for one with attachments, from the decoder until the next call), 0 when
 * attachments are still to come, or an error after which the client must be closed: SIO_EPARSE
 * and SIO_ELIMIT (too many attachments, more than `max_bytes` of them and their text, a namespace
 * whose name, without what follows a `?` in it, is above SIO_LIMIT_NAME) where the reference closes
 * too; where it does not, SIO_EDEPTH and SIO_EINVAL (an event or acknowledgement without payload,
 * an id above 2^53 - 1); SIO_ENOMEM. What a packet with attachments keeps is given back by the next
 * call, or by sio_decoder_free once the packet has been served.
 */
SIO_EXTERN SIO_MUST_USE int sio_decoder_text(sio_decoder *decoder, sio_arena *arena,
                                             const char *text, size_t len, sio_packet *out);
SIO_EXTERN SIO_MUST_USE int sio_decoder_binary(sio_decoder *decoder, const void *data, size_t len,
                                               size_t max_bytes, sio_packet *out);

/* Leaves a fresh decoder. */
SIO_EXTERN void sio_decoder_free(sio_decoder *decoder);

/* A binary message of socket.io-msgpack-parser 3.0, always a whole packet. Returns 1 with the
 * packet in `out` (borrowed from `arena`), or an error as above; SIO_EINVAL also for events without
 * a name or with a reserved one, which that parser lets pass. */
SIO_EXTERN SIO_MUST_USE int sio_packet_decode_msgpack(sio_arena *arena, const void *data,
                                                      size_t len, sio_packet *out);

#endif
