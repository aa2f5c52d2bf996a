#include <sio/sys/buf.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#define FIRST_CAP  ((size_t)64)
#define LENGTH_MAX ((size_t)SIO_LIMIT_LENGTH - 1)

static char *grow(sio_buf *buf, size_t more)
{
    if (more > LENGTH_MAX - buf->len) {
        buf->err = SIO_ELIMIT;
        return NULL;
    }
    size_t cap = buf->cap > LENGTH_MAX / 2 ? LENGTH_MAX : buf->cap * 2;
    if (cap < FIRST_CAP)
        cap = FIRST_CAP;
    if (cap < buf->len + more)
        cap = buf->len + more;
    char *data = sio_mem_realloc(buf->data, cap);
    if (!data) {
        buf->err = SIO_ENOMEM;
        return NULL;
    }
    buf->data = data;
    buf->cap = cap;
    return data + buf->len;
}

char *sio_buf_reserve(sio_buf *buf, size_t more)
{
    if (buf->err)
        return NULL;
    if (buf->data && buf->cap - buf->len >= more)
        return buf->data + buf->len;
    return grow(buf, more);
}

void sio_buf_append(sio_buf *buf, const void *data, size_t len)
{
    char *to = sio_buf_reserve(buf, len);
    if (!to || len == 0)
        return;
    memcpy(to, data, len);
    buf->len += len;
}

void sio_buf_text(sio_buf *buf, const char *text)
{
    sio_buf_append(buf, text, strlen(text));
}

void sio_buf_printf(sio_buf *buf, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    char *to = len < 0 ? NULL : sio_buf_reserve(buf, (size_t)len + 1);
    if (to) {
        vsnprintf(to, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(arguments);
}

void sio_buf_consume(sio_buf *buf, size_t len)
{
    if (len == 0)
        return;
    buf->len -= len;
    memmove(buf->data, buf->data + len, buf->len);
}

void sio_buf_clear(sio_buf *buf)
{
    buf->len = 0;
    buf->err = 0;
}

void sio_buf_free(sio_buf *buf)
{
    sio_mem_free(buf->data);
    *buf = (sio_buf){ 0 };
}
