/* WebSocket, RFC 6455: the opening handshake's answer, frame headers, and a reader of messages. */
#ifndef SIO_SYS_WS_H
#define SIO_SYS_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/buf.h>
#include <sio/sys/str.h>

/* ---- handshake (section 4.2.2) ---- */

#define SIO_WS_ACCEPT_SIZE 29

/* Writes Sec-WebSocket-Accept for a Sec-WebSocket-Key, NUL-terminated. SIO_EINVAL: the key is not
 * base64 of 16 bytes. SIO_ESYSTEM: libcrypto refuses SHA-1. */
SIO_EXTERN SIO_MUST_USE int sio_ws_accept(char out[SIO_WS_ACCEPT_SIZE], sio_str key);

/* ---- frames (section 5) ---- */

typedef enum sio_ws_opcode {
    SIO_WS_CONTINUATION = 0,
    SIO_WS_TEXT = 1,
    SIO_WS_BINARY = 2,
    SIO_WS_CLOSE = 8,
    SIO_WS_PING = 9,
    SIO_WS_PONG = 10
} sio_ws_opcode;

typedef struct sio_ws_header {
    uint8_t opcode;
    bool fin;
    bool masked;
    uint8_t rsv; /* the three bits, 4 is RSV1 */
    uint8_t mask[4];
    uint8_t size; /* of the header itself, 2 to 14 */
    uint64_t length;
} sio_ws_header;

#define SIO_WS_HEADER_MAX 14

/* RSV1 in the first byte: the message is deflated (RFC 7692, section 6). */
#define SIO_WS_RSV1 0x40

/* Reads a header. SIO_EAGAIN: fewer bytes than it has. SIO_EPARSE: a length in a longer form than
 * needed or with its top bit set, a control frame that is fragmented or longer than 125, an unknown
 * opcode. */
SIO_EXTERN SIO_MUST_USE int sio_ws_header_read(sio_ws_header *out, const void *data, size_t len);

/* Writes an unmasked final header, as a server does; with `mask` (4 bytes) a masked one. Returns
 * its size. */
SIO_EXTERN size_t sio_ws_header_write(uint8_t out[SIO_WS_HEADER_MAX], sio_ws_opcode opcode,
                                      uint64_t length, const uint8_t *mask);

/* Masks or unmasks in place; `offset` is the position of data[0] in the frame's payload. */
SIO_EXTERN void sio_ws_mask(void *data, size_t len, const uint8_t mask[4], size_t offset);

/* ---- reader ---- */

/* Close codes of section 7.4.1 that we send, and the one that stands for none and is never sent. */
#define SIO_WS_CODE_NORMAL   1000
#define SIO_WS_CODE_PROTOCOL 1002
#define SIO_WS_CODE_NONE     1005
#define SIO_WS_CODE_UTF8     1007
#define SIO_WS_CODE_POLICY   1008
#define SIO_WS_CODE_TOO_BIG  1009
#define SIO_WS_CODE_INTERNAL 1011

/*
 * Messages out of bytes, cut anywhere. A message that lies whole and in one frame in the input is
 * handed on from there, unmasked in place; only what is incomplete is kept, and only then is memory
 * owned: an idle connection costs one pointer. Zeroed memory is a fresh reader.
 */
typedef struct sio_ws_reader {
    struct sio_ws_partial *partial; /* NULL between messages */
} sio_ws_reader;

typedef struct sio_ws_message {
    sio_ws_opcode opcode; /* TEXT, BINARY, CLOSE, PING or PONG; never CONTINUATION */
    char *data;           /* valid until the next call; text is UTF-8; of a CLOSE the reason */
    size_t len;
    int close_code; /* of a CLOSE: SIO_WS_CODE_NONE when it carries none */
} sio_ws_message;

typedef struct sio_ws_rules {
    size_t max_payload;               /* of a message; a deflated one must meet it in both forms */
    bool from_client;                 /* frames must be masked then, and must not be otherwise */
    struct sio_ws_inflater *inflater; /* NULL: permessage-deflate has not been negotiated */
} sio_ws_rules;

/*
 * The next message. Takes bytes off the front of *data. Returns 1 with a message, 0 when all input
 * is used up, or an error, after which the connection is to be closed with *close_code: SIO_EPARSE
 * (1002), SIO_EUTF8 (1007: text that is none, or a message that does not inflate), SIO_ELIMIT
 * (1009: more than max_payload), SIO_ENOMEM (1011).
 * Call it until it returns 0: that also gives back the memory of the last message. Nothing may be
 * read after an error or a CLOSE.
 */
SIO_EXTERN SIO_MUST_USE int sio_ws_reader_next(sio_ws_reader *reader, char **data, size_t *len,
                                               const sio_ws_rules *rules, sio_ws_message *out,
                                               int *close_code);

/* Bytes that the frame lacks which is being read: 0 between frames. */
SIO_EXTERN size_t sio_ws_reader_lacks(const sio_ws_reader *reader);
SIO_EXTERN void sio_ws_reader_free(sio_ws_reader *reader);

#endif
