/*
 * permessage-deflate, RFC 7692, without context takeover in either direction: a deflated message
 * is the same for every client that negotiated it, and a connection keeps no zlib state. One
 * deflater and one inflater serve a whole loop.
 */
#ifndef SIO_SYS_DEFLATE_H
#define SIO_SYS_DEFLATE_H

#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/buf.h>
#include <sio/sys/frame.h>
#include <sio/sys/str.h>

/* ---- negotiation (section 7.1) ---- */

/* log2 of a window's bytes. */
#define SIO_WS_WINDOW_MIN 8
#define SIO_WS_WINDOW_MAX 15

#define SIO_WS_EXTENSION_SIZE 160

/* Chooses the first acceptable offer of a Sec-WebSocket-Extensions header. Returns the window that
 * its client inflates with (8 to 15) and writes the value of the answering header, NUL-terminated;
 * or 0, `answer` untouched: nothing acceptable is offered. SIO_EPARSE: no list of extensions. */
SIO_EXTERN SIO_MUST_USE int sio_ws_negotiate(char answer[SIO_WS_EXTENSION_SIZE], sio_str offers);

/* ---- deflating ---- */

typedef struct sio_ws_deflater sio_ws_deflater;

typedef struct sio_ws_deflate_config {
    uint32_t threshold; /* shorter payloads are not deflated */
    int level;          /* zlib's, 1 to 9 */
    int mem_level;      /* zlib's, 1 to 9 */
} sio_ws_deflate_config;

/* A new deflater of 9 KiB to 270 KiB, by mem_level. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_ws_deflater_new(sio_ws_deflater **out,
                                                const sio_ws_deflate_config *config);
SIO_EXTERN void sio_ws_deflater_free(sio_ws_deflater *deflater);

/* Deflates a message into `out`, which has room for `size` bytes. Returns the length without the
 * trailing 00 00 ff ff, or SIO_ELIMIT: that does not fit. `size` must exceed the length that is
 * still of use by 4. */
SIO_EXTERN SIO_MUST_USE int64_t sio_ws_deflate(sio_ws_deflater *deflater, void *out, size_t size,
                                               sio_str payload);

/* The bytes on the wire for a client that negotiated the extension: the deflated form, made when
 * it is needed first and kept, or the plain one where deflating is not wanted, too short or long a
 * message, or no gain. The same in every call for the same frame. Borrowed. */
SIO_EXTERN sio_str sio_frame_deflated(sio_frame *frame, sio_ws_deflater *deflater);

/* Messages that have been deflated, with or without gain. */
SIO_EXTERN uint64_t sio_ws_deflater_count(const sio_ws_deflater *deflater);

/* ---- inflating ---- */

typedef struct sio_ws_inflater sio_ws_inflater;

/* A new inflater of 40 KiB. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_ws_inflater_new(sio_ws_inflater **out);
SIO_EXTERN void sio_ws_inflater_free(sio_ws_inflater *inflater);

/* Appends the message that `deflated` stands for (without the trailing 00 00 ff ff) to `out`, which
 * must be empty. SIO_EPARSE: it is not deflated, or cut off; SIO_ELIMIT: it has more than `max`
 * bytes, of which no more were made; SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_ws_inflate(sio_ws_inflater *inflater, sio_buf *out,
                                           sio_str deflated, size_t max);

#endif
