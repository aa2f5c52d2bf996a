#include <sio/sys/arena.h>

#include <stdalign.h>
#include <stdbool.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* Sizes of chunks with their head: most packets fit into the first, and an arena that is reset
 * keeps at most the last. */
#define FIRST_CHUNK ((size_t)2048)
#define LAST_CHUNK  ((size_t)65536)

struct sio_arena_chunk {
    sio_arena_chunk *previous;
    size_t size; /* of data */
    size_t used;
    alignas(max_align_t) char data[];
};

static sio_arena_chunk *chunk_new(size_t size)
{
    sio_arena_chunk *chunk = sio_mem_alloc(sizeof *chunk + size);
    if (chunk)
        *chunk = (sio_arena_chunk){ .size = size };
    return chunk;
}

static bool ordinary(const sio_arena_chunk *chunk)
{
    return sizeof *chunk + chunk->size <= LAST_CHUNK;
}

static size_t next_chunk(const sio_arena *arena)
{
    size_t last = arena->chunk ? sizeof *arena->chunk + arena->chunk->size : 0;
    size_t next = last < FIRST_CHUNK ? FIRST_CHUNK : last * 2;
    return (next < LAST_CHUNK ? next : LAST_CHUNK) - sizeof *arena->chunk;
}

/* A chunk of its own behind the one that is being filled, which goes on being filled. */
static void *alloc_big(sio_arena *arena, size_t size)
{
    sio_arena_chunk *chunk = chunk_new(size);
    if (!chunk)
        return NULL;
    chunk->used = size;
    if (arena->chunk) {
        chunk->previous = arena->chunk->previous;
        arena->chunk->previous = chunk;
    } else {
        arena->chunk = chunk;
    }
    return chunk->data;
}

static void *alloc_slow(sio_arena *arena, size_t size)
{
    size_t next = next_chunk(arena);
    if (size > next / 2)
        return alloc_big(arena, size);
    sio_arena_chunk *chunk = chunk_new(next);
    if (!chunk)
        return NULL;
    chunk->used = size;
    chunk->previous = arena->chunk;
    arena->chunk = chunk;
    return chunk->data;
}

void *sio_arena_alloc(sio_arena *arena, size_t size)
{
    if (size >= SIO_LIMIT_LENGTH)
        return NULL;
    size = sio_arena_size(size);
    sio_arena_chunk *chunk = arena->chunk;
    if (!chunk || chunk->size - chunk->used < size)
        return alloc_slow(arena, size);
    void *memory = chunk->data + chunk->used;
    chunk->used += size;
    return memory;
}

int sio_arena_reserve(sio_arena *arena, size_t size)
{
    if (size >= SIO_LIMIT_LENGTH)
        return SIO_ELIMIT;
    sio_arena_chunk *chunk = chunk_new(size);
    if (!chunk)
        return SIO_ENOMEM;
    chunk->previous = arena->chunk;
    arena->chunk = chunk;
    return 0;
}

char *sio_arena_strndup(sio_arena *arena, const char *text, size_t len)
{
    if (len >= SIO_LIMIT_LENGTH)
        return NULL;
    char *copy = sio_arena_alloc(arena, len + 1);
    if (!copy)
        return NULL;
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void sio_arena_reset(sio_arena *arena)
{
    sio_arena_chunk *kept = NULL;
    for (sio_arena_chunk *chunk = arena->chunk, *previous; chunk; chunk = previous) {
        previous = chunk->previous;
        if (!kept && ordinary(chunk))
            kept = chunk;
        else
            sio_mem_free(chunk);
    }
    if (kept) {
        kept->previous = NULL;
        kept->used = 0;
    }
    arena->chunk = kept;
}

void sio_arena_free(sio_arena *arena)
{
    for (sio_arena_chunk *chunk = arena->chunk, *previous; chunk; chunk = previous) {
        previous = chunk->previous;
        sio_mem_free(chunk);
    }
    arena->chunk = NULL;
}
