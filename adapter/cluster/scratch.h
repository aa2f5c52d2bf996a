/* Buffers that are filled anew for each message. */
#ifndef SIO_CLUSTER_SCRATCH_H
#define SIO_CLUSTER_SCRATCH_H

#include <sio/sys/buf.h>

/* Those above this are given back after use. */
#define SIO_SCRATCH_KEPT 65536

static inline sio_str sio_buf_str(const sio_buf *buf)
{
    return (sio_str){ buf->data, buf->len };
}

/* Empties it, and gives it back if it has become large. */
static inline void sio_scratch_tidy(sio_buf *scratch)
{
    if (scratch->cap > SIO_SCRATCH_KEPT)
        sio_buf_free(scratch);
    else
        sio_buf_clear(scratch);
}

#endif
