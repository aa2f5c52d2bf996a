/* A walk over MessagePack, value by value, without a tree. */
#ifndef SIO_CLUSTER_CURSOR_H
#define SIO_CLUSTER_CURSOR_H

#include <sio/sys/value.h>

/* What is left of the input. */
typedef struct sio_cursor {
    const uint8_t *at;
    size_t left;
} sio_cursor;

/* Takes the head of an array, or of a map: what is in it comes next. SIO_EPARSE. */
int sio_cursor_array(sio_cursor *in, uint32_t *count);
int sio_cursor_map(sio_cursor *in, uint32_t *count);

/* Takes the bytes of one whole value, which are at least one. SIO_EPARSE. */
int sio_cursor_take(sio_cursor *in, sio_str *value);

/* ---- what such bytes are ---- */

bool sio_cursor_is_text(sio_str bytes);
/* Whether it is text that can be taken as it stands, without being repaired. */
bool sio_cursor_is_plain(sio_str bytes);
/* The text of a string; empty for all else. */
sio_str sio_cursor_text(sio_str bytes);

static inline int sio_cursor_decode(sio_arena *arena, sio_value *out, sio_str bytes)
{
    return sio_msgpack_read(arena, out, bytes.data, bytes.len, NULL);
}

#endif
