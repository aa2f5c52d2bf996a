/*
 * Memory. All of the library allocates through these; memory.h says whose it is. Like malloc,
 * calloc, realloc and free, but refusing SIO_LIMIT_LENGTH and more.
 */
#ifndef SIO_SYS_MEM_H
#define SIO_SYS_MEM_H

#include <stddef.h>

#include <sio/extern.h>

SIO_EXTERN SIO_MUST_USE void *sio_mem_alloc(size_t size);
SIO_EXTERN SIO_MUST_USE void *sio_mem_zalloc(size_t size);
SIO_EXTERN SIO_MUST_USE void *sio_mem_realloc(void *memory, size_t size);
SIO_EXTERN void sio_mem_free(void *memory);

/* A new NUL-terminated copy of `length` bytes; NULL when memory is out. */
SIO_EXTERN SIO_MUST_USE char *sio_mem_strndup(const char *text, size_t length);

#endif
