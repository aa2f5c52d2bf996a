/* Bytes that several writes share: a file, or a large response. */
#ifndef SIO_NET_BLOB_H
#define SIO_NET_BLOB_H

#include <stddef.h>

#include <sio/sys/mem.h>

typedef struct sio_blob {
    size_t refs;
    size_t len;
    char data[];
} sio_blob;

/* A new blob of `len` bytes to be filled, with one reference. NULL when memory is out. */
static inline sio_blob *sio_blob_new(size_t len)
{
    sio_blob *blob = sio_mem_alloc(sizeof(*blob) + len);
    if (blob) {
        blob->refs = 1;
        blob->len = len;
    }
    return blob;
}

static inline sio_blob *sio_blob_ref(sio_blob *blob)
{
    if (blob)
        blob->refs++;
    return blob;
}

static inline void sio_blob_unref(sio_blob *blob)
{
    if (blob && --blob->refs == 0)
        sio_mem_free(blob);
}

#endif
