/*
 * A growing buffer of bytes. Zeroed memory is an empty buffer. Once an allocation fails the buffer
 * keeps the error and ignores what follows, so that a writer checks once, at its end.
 */
#ifndef SIO_SYS_BUF_H
#define SIO_SYS_BUF_H

#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/str.h>

typedef struct sio_buf {
    char *data;
    size_t len;
    size_t cap;
    int err; /* 0, SIO_ENOMEM or SIO_ELIMIT: the first thing that went wrong */
} sio_buf;

/* Room for `more` further bytes beyond len. Returns where they go, or NULL with err set. */
SIO_EXTERN char *sio_buf_reserve(sio_buf *buf, size_t more);
SIO_EXTERN void sio_buf_append(sio_buf *buf, const void *data, size_t len);
SIO_EXTERN void sio_buf_text(sio_buf *buf, const char *text);
SIO_EXTERN void sio_buf_printf(sio_buf *buf, const char *format, ...) SIO_PRINTF(2, 3);

/* Inline, since the writers of JSON call it between all values. */
static inline void sio_buf_byte(sio_buf *buf, char byte)
{
    if (buf->len < buf->cap && !buf->err)
        buf->data[buf->len++] = byte;
    else
        sio_buf_append(buf, &byte, 1);
}

/* Takes `len` bytes off the front. */
SIO_EXTERN void sio_buf_consume(sio_buf *buf, size_t len);

/* Empties it but keeps the memory; sio_buf_free gives the memory back too. Both clear err. */
SIO_EXTERN void sio_buf_clear(sio_buf *buf);
SIO_EXTERN void sio_buf_free(sio_buf *buf);

#endif
