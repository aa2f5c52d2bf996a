/*
 * A frame: one Engine.IO message, encoded once, shared by every client that gets it.
 *
 * Bytes are kept as a WebSocket wants them: header, then payload. A text frame's payload ("42[…]")
 * is its polling form as well. A binary frame's payload is the raw bytes; its polling form (`b` and
 * base64) is made when the first polling client needs it and kept. So is the deflated form of
 * either, for WebSocket clients that negotiated it (sio_frame_deflated).
 *
 * Engine.IO 3 wants a binary frame's payload after its type, 4. A chain with binary frames has a
 * second chain for the clients of that revision, made when the first of them needs it and kept.
 *
 * A packet with attachments is a chain: the text frame, and by `next` its binary frames. A chain is
 * referenced by its head only and queued whole. Frames are never changed after they are shared, and
 * the count is not atomic: one loop, one thread.
 */
#ifndef SIO_SYS_FRAME_H
#define SIO_SYS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/limits.h>
#include <sio/sys/str.h>

typedef struct sio_frame sio_frame;

/* Another form of a frame, made later: the bytes as they go out. */
typedef struct sio_frame_form {
    uint32_t len;
    char data[];
} sio_frame_form;

/* The longest payload: with what stands before it, it still is one allocation. */
#define SIO_FRAME_MAX (SIO_LIMIT_LENGTH - 64u)

struct sio_frame {
    uint32_t refs;
    uint32_t len;         /* header and payload */
    uint32_t polling_len; /* of `polling` */
    uint8_t header;       /* bytes of the WebSocket header at the start of data */
    uint8_t binary;       /* opcode 2 instead of 1 */
    uint8_t typed : 1;    /* a binary frame as revision 3 has it: its type, then the bytes */
    uint8_t event : 1;    /* heads: an event, which may be dropped for a client that is behind */
    uint8_t plain : 1;    /* it asks for no compression, whatever the transport */
    uint8_t deflate_done; /* `deflated` is there, or is not wanted */
    sio_frame *next;      /* the next attachment, owned; NULL at the end */
    char *polling;        /* binary frames: the polling form once made, owned */
    sio_frame_form *deflated; /* WebSocket header and deflated payload, owned; NULL: plain */
    sio_frame *revision3;     /* heads: the chain for revision 3 once made, owned */
    char data[];
};

/* A new frame with one reference: an Engine.IO message ("4" and `text`), or with binary set the
 * bytes alone. NULL when memory is out or it is longer than SIO_FRAME_MAX. */
SIO_EXTERN SIO_MUST_USE sio_frame *sio_frame_new(sio_str payload, bool binary);

/* A new frame with one reference whose payload of `len` bytes is still to be written by the caller,
 * at data + header, before it is shared. NULL as above. */
SIO_EXTERN SIO_MUST_USE sio_frame *sio_frame_alloc(size_t len, bool binary);

/* A new text frame of a bare Engine.IO packet: `type` ('2', '6', …) and `data`. NULL as above. */
SIO_EXTERN SIO_MUST_USE sio_frame *sio_frame_new_packet(char type, sio_str data);

/* Frees the whole chain, which nobody refers to any more. For sio_frame_unref. */
SIO_EXTERN void sio_frame_free(sio_frame *frame);

/* One reference more, one less (frees the whole chain with the last; NULL is allowed). Inline, as
 * are those below: they run for every client that a broadcast reaches. */
static inline sio_frame *sio_frame_ref(sio_frame *frame)
{
    frame->refs++;
    return frame;
}
static inline void sio_frame_unref(sio_frame *frame)
{
    if (frame && --frame->refs == 0)
        sio_frame_free(frame);
}

/* The payload without the WebSocket header. Borrowed. */
static inline sio_str sio_frame_payload(const sio_frame *frame)
{
    return (sio_str){ frame->data + frame->header, frame->len - frame->header };
}

/* What goes to a WebSocket as it is. Borrowed. */
static inline sio_str sio_frame_wire(const sio_frame *frame)
{
    return (sio_str){ frame->data, frame->len };
}

/* Keeps the frames of a chain from being compressed. Before it is shared only. */
SIO_EXTERN void sio_frame_chain_plain(sio_frame *chain);

/* Whether revision 3 has the chain in another form. */
static inline bool sio_frame_has_binary(const sio_frame *chain)
{
    return chain->next || chain->binary;
}

/* That form of a chain with binary frames. Borrowed from `chain`; NULL as above. */
SIO_EXTERN sio_frame *sio_frame_revision3(sio_frame *chain);

/* The form that goes into a polling payload, this frame only; of a typed frame `b`, the type and
 * base64. Borrowed; data is NULL as above. */
SIO_EXTERN sio_str sio_frame_polling(sio_frame *frame);

/* Sum of len over the chain: what it adds to a client's buffered bytes. */
static inline size_t sio_frame_chain_bytes(const sio_frame *frame)
{
    size_t bytes = 0;
    for (; frame; frame = frame->next)
        bytes += frame->len;
    return bytes;
}

#endif
