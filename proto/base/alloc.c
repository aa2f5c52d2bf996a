#include <sio/sys/mem.h>

#include <stdlib.h>
#include <string.h>

#include <sio/sys/limits.h>
#include <sio/value.h>

/* malloc(0) may be NULL, which callers would take for an error. */
static size_t at_least_one(size_t size)
{
    return size > 0 ? size : 1;
}

void *sio_mem_alloc(size_t size)
{
    return size < SIO_LIMIT_LENGTH ? malloc(at_least_one(size)) : NULL;
}

void *sio_mem_zalloc(size_t size)
{
    return size < SIO_LIMIT_LENGTH ? calloc(1, at_least_one(size)) : NULL;
}

void *sio_mem_realloc(void *memory, size_t size)
{
    return size < SIO_LIMIT_LENGTH ? realloc(memory, at_least_one(size)) : NULL;
}

void sio_mem_free(void *memory)
{
    free(memory);
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
