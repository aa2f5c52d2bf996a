/*
 * Memory that is freed all at once: the trees of one packet. Zeroed memory is an empty arena.
 */
#ifndef SIO_SYS_ARENA_H
#define SIO_SYS_ARENA_H

#include <stdalign.h>
#include <stddef.h>

#include <sio/extern.h>

typedef struct sio_arena_chunk sio_arena_chunk;

typedef struct sio_arena {
    sio_arena_chunk *chunk; /* the one that is being filled, before it the full ones */
} sio_arena;

/* `size` bytes, aligned for any type, or NULL when memory is out. */
SIO_EXTERN SIO_MUST_USE void *sio_arena_alloc(sio_arena *arena, size_t size);

/* What `size` bytes take of it. */
static inline size_t sio_arena_size(size_t size)
{
    const size_t unit = alignof(max_align_t);
    return (size + unit - 1) & ~(unit - 1);
}

/* The next `size` bytes, each piece counted by sio_arena_size, are there for sure, in one chunk of
 * just that size. SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_arena_reserve(sio_arena *arena, size_t size);

/* A NUL-terminated copy of `len` bytes, or NULL when memory is out. */
SIO_EXTERN SIO_MUST_USE char *sio_arena_strndup(sio_arena *arena, const char *text, size_t len);

/* Forgets everything but keeps one chunk of ordinary size for the next packet. */
SIO_EXTERN void sio_arena_reset(sio_arena *arena);
SIO_EXTERN void sio_arena_free(sio_arena *arena);

#endif
