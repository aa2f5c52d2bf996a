#include <sio/memory.h>
#include <sio/sys/mem.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/value.h>

/* The one variable of the library, which does not change once it is used: passing an allocator to
 * each object would cost a pointer in each, and libuv and hiredis would not know of it. */
static sio_allocator chosen;
static atomic_bool in_use;

int sio_memory_use(const sio_allocator *allocator)
{
    if (!allocator || !allocator->alloc || !allocator->realloc || !allocator->free)
        return SIO_EINVAL;
    if (chosen.alloc || atomic_load(&in_use))
        return SIO_EEXISTS;
    chosen = *allocator;
    return 0;
}

/* The store is for the first time only, so that threads do not fight for the line. */
static void note_use(void)
{
    if (!atomic_load_explicit(&in_use, memory_order_relaxed))
        atomic_store_explicit(&in_use, true, memory_order_relaxed);
}

/* malloc(0) may be NULL, which callers would take for an error. */
static size_t at_least_one(size_t size)
{
    return size > 0 ? size : 1;
}

void *sio_mem_alloc(size_t size)
{
    if (size >= SIO_LIMIT_LENGTH)
        return NULL;
    note_use();
    size = at_least_one(size);
    return chosen.alloc ? chosen.alloc(size, chosen.data) : malloc(size);
}

static void *zalloc_by(const sio_allocator *allocator, size_t size)
{
    if (allocator->zalloc)
        return allocator->zalloc(size, allocator->data);
    void *memory = allocator->alloc(size, allocator->data);
    return memory ? memset(memory, 0, size) : NULL;
}

void *sio_mem_zalloc(size_t size)
{
    if (size >= SIO_LIMIT_LENGTH)
        return NULL;
    note_use();
    size = at_least_one(size);
    return chosen.alloc ? zalloc_by(&chosen, size) : calloc(1, size);
}

void *sio_mem_realloc(void *memory, size_t size)
{
    if (size >= SIO_LIMIT_LENGTH)
        return NULL;
    note_use();
    size = at_least_one(size);
    return chosen.alloc ? chosen.realloc(memory, size, chosen.data) : realloc(memory, size);
}

void sio_mem_free(void *memory)
{
    if (!chosen.alloc)
        free(memory);
    else if (memory)
        chosen.free(memory, chosen.data);
}

char *sio_mem_strndup(const char *text, size_t length)
{
    if (length >= SIO_LIMIT_LENGTH)
        return NULL;
    char *copy = sio_mem_alloc(length + 1);
    if (!copy)
        return NULL;
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void sio_free(void *memory)
{
    sio_mem_free(memory);
}
