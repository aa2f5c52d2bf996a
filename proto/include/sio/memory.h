/*
 * The memory of an application's own: all that the library itself allocates comes from here. What
 * libuv, hiredis and OpenSSL allocate inside does not; they have hooks of their own
 * (uv_replace_allocator, hiredisSetAllocators, CRYPTO_set_mem_functions), for the process too.
 *
 * There is one allocator in a process, whatever it has of servers and emitters.
 */
#ifndef SIO_MEMORY_H
#define SIO_MEMORY_H

#include <stddef.h>

#include <sio/extern.h>

/* As malloc, calloc, realloc and free of the C library, with `data` behind: NULL means that memory
 * is out. No size is 0, nor SIO_LIMIT_LENGTH or more. Memory is aligned for any type. They are
 * called from every thread that uses the library, and must not call it. */
typedef struct sio_allocator {
    void *(*alloc)(size_t size, void *data);
    void *(*zalloc)(size_t size, void *data); /* filled with zeros; NULL: alloc and memset */
    void *(*realloc)(void *memory, size_t size, void *data); /* `memory` may be NULL */
    void (*free)(void *memory, void *data);                  /* never NULL */
    void *data;
} sio_allocator;

/* Sets it: once, before anything else of the library is called, and before other threads may call
 * it. It is copied. SIO_EINVAL: a function is missing; SIO_EEXISTS: one has been set, or
 * memory has been allocated, which this one could not free. */
SIO_EXTERN SIO_MUST_USE int sio_memory_use(const sio_allocator *allocator);

#endif
