#include "net/headers.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

bool sio_headers_is_value(sio_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char byte = (unsigned char)value.data[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

static bool is_token_char(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool sio_headers_is_token(sio_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_token_char(name.data[i]))
            return false;
    }
    return name.len > 0;
}

int sio_headers_put(sio_headers *headers, const char *name, sio_str value)
{
    const size_t len = strlen(name) + strlen(": \r\n") + value.len;
    if (!sio_headers_is_token(sio_str_from(name)) || !sio_headers_is_value(value))
        return SIO_EINVAL;
    if (len > SIO_LIMIT_ANSWER_HEADERS - headers->lines.len)
        return SIO_ELIMIT;
    char *line = sio_buf_reserve(&headers->lines, len);
    if (!line)
        return SIO_ENOMEM;
    sio_buf_text(&headers->lines, name);
    sio_buf_text(&headers->lines, ": ");
    sio_buf_append(&headers->lines, value.data, value.len);
    sio_buf_text(&headers->lines, "\r\n");
    return 0;
}

int sio_headers_add(sio_headers *headers, const char *name, const char *value)
{
    if (!name || !value)
        return SIO_EINVAL;
    return sio_headers_put(headers, name, sio_str_from(value));
}
