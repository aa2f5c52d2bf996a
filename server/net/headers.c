#include "net/headers.h"

#include <strings.h>

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

/* ---- lines of a name ---- */

/* The line that begins at `at` has that name. */
static bool is_named(const sio_headers *headers, size_t at, const char *name)
{
    const size_t len = strlen(name);
    return headers->lines.len - at > len && headers->lines.data[at + len] == ':' &&
           strncasecmp(headers->lines.data + at, name, len) == 0;
}

/* Where the line after that begins. */
static size_t line_after(const sio_headers *headers, size_t at)
{
    const char *end = memchr(headers->lines.data + at, '\n', headers->lines.len - at);
    return end ? (size_t)(end + 1 - headers->lines.data) : headers->lines.len;
}

bool sio_headers_has(const sio_headers *headers, const char *name)
{
    for (size_t at = 0; at < headers->lines.len; at = line_after(headers, at))
        if (is_named(headers, at, name))
            return true;
    return false;
}

/* Of the first `len` bytes. */
static void remove_lines(sio_headers *headers, const char *name, size_t len)
{
    char *data = headers->lines.data;
    size_t at = 0;
    while (at < len) {
        const size_t next = line_after(headers, at);
        if (!is_named(headers, at, name)) {
            at = next;
            continue;
        }
        memmove(data + at, data + next, headers->lines.len - next);
        headers->lines.len -= next - at;
        len -= next - at;
    }
}

/* ---- by the application ---- */

/* What frames an answer, or says how to read it. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = { "content-length",    "content-type", "content-encoding",
                                         "transfer-encoding", "trailer",      "connection",
                                         "keep-alive",        "upgrade",      "date" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return strncasecmp(name, "sec-websocket-", 14) == 0;
}

int sio_headers_add(sio_headers *headers, const char *name, const char *value)
{
    if (!name || !value || is_reserved(name))
        return SIO_EINVAL;
    return sio_headers_put(headers, name, sio_str_from(value));
}

int sio_headers_set(sio_headers *headers, const char *name, const char *value)
{
    const size_t before = headers->lines.len;
    const int err = sio_headers_add(headers, name, value);
    if (!err)
        remove_lines(headers, name, before);
    return err;
}
