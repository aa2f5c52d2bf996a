#include "net/query.h"

static int hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The next character of a form-encoded text, as URLSearchParams reads it. */
static char decode(const char **at, const char *end)
{
    const char *p = (*at)++;
    if (*p == '+')
        return ' ';
    if (*p != '%' || end - p < 3 || hex(p[1]) < 0 || hex(p[2]) < 0)
        return *p;
    *at += 2;
    return (char)(hex(p[1]) << 4 | hex(p[2]));
}

static bool name_matches(sio_str text, const char *name)
{
    const char *at = text.data, *end = text.data + text.len;
    while (at < end) {
        if (*name == '\0' || decode(&at, end) != *name++)
            return false;
    }
    return *name == '\0';
}

static int decode_value(sio_str text, char *out, size_t size)
{
    const char *at = text.data, *end = text.data + text.len;
    size_t len = 0;
    for (; at < end; len++) {
        char byte = decode(&at, end);
        if (len + 1 < size)
            out[len] = byte;
    }
    out[len < size ? len : size - 1] = '\0';
    return (int)len;
}

static sio_str split(sio_str *text, char separator)
{
    const char *end = text->len ? memchr(text->data, separator, text->len) : NULL;
    sio_str head = { text->data, end ? (size_t)(end - text->data) : text->len };
    size_t used = head.len + (end ? 1 : 0);
    *text = (sio_str){ text->data + used, text->len - used };
    return head;
}

int sio_query_param(sio_str url, const char *name, char *out, size_t size)
{
    sio_str query = split(&url, '#');
    split(&query, '?');
    int len = -1;
    while (query.len > 0) {
        sio_str value = split(&query, '&');
        sio_str key = split(&value, '=');
        if (name_matches(key, name))
            len = decode_value(value, out, size);
    }
    return len;
}

/* Whether the parameter is exactly that text. */
static bool param_is(sio_str url, const char *name, const char *text)
{
    char value[16];
    const int len = sio_query_param(url, name, value, sizeof(value));
    return len == (int)strlen(text) && strcmp(value, text) == 0;
}

/* Revision 3 is the default, as for clients that are older than the parameter. */
static sio_eio_dialect read_dialect(sio_str url)
{
    char b64[2];
    if (param_is(url, "EIO", "4"))
        return SIO_EIO_4;
    return sio_query_param(url, "b64", b64, sizeof(b64)) > 0 ? SIO_EIO_3_BASE64 : SIO_EIO_3;
}

void sio_query_read(sio_engine_query *out, sio_str url)
{
    out->transport = -1;
    if (param_is(url, "transport", "polling"))
        out->transport = SIO_EIO_POLLING;
    else if (param_is(url, "transport", "websocket"))
        out->transport = SIO_EIO_WEBSOCKET;
    out->dialect = read_dialect(url);
    const int len = sio_query_param(url, "sid", out->sid, sizeof(out->sid));
    if (len < 0)
        out->sid[0] = '\0';
    else if (len >= (int)sizeof(out->sid) || strlen(out->sid) != (size_t)len)
        memcpy(out->sid, "?", 2);
}
