/* zlib's memory comes from where all of ours does. */
#ifndef SIO_WS_ZMEMORY_H
#define SIO_WS_ZMEMORY_H

#include <stdint.h>
#include <zlib.h>

#include <sio/sys/mem.h>

static inline void *sio_z_alloc(void *data, unsigned count, unsigned size)
{
    (void)data;
    return size && count > SIZE_MAX / size ? NULL : sio_mem_alloc((size_t)count * size);
}

static inline void sio_z_free(void *data, void *memory)
{
    (void)data;
    sio_mem_free(memory);
}

#define SIO_Z_STREAM ((z_stream){ .zalloc = sio_z_alloc, .zfree = sio_z_free })

#endif
