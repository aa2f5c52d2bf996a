#include "core/form.h"

static sio_str take_until(sio_str *rest, char end)
{
    size_t len = 0;
    while (len < rest->len && rest->data[len] != end)
        len++;
    const sio_str taken = { rest->data, len };
    const size_t used = len < rest->len ? len + 1 : len;
    if (used > 0)
        *rest = (sio_str){ rest->data + used, rest->len - used };
    return taken;
}

sio_str sio_form_query(sio_str url)
{
    sio_str rest = take_until(&url, '#');
    take_until(&rest, '?');
    return rest;
}

bool sio_form_next(sio_str *rest, sio_str *name, sio_str *value)
{
    while (rest->len > 0) {
        *value = take_until(rest, '&');
        if (value->len == 0)
            continue;
        *name = take_until(value, '=');
        return true;
    }
    return false;
}

static int hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The byte that an escape at the front stands for; -1 if it is none. */
static int escaped(const char *text, size_t len)
{
    if (len < 3 || text[0] != '%')
        return -1;
    const int high = hex(text[1]), low = hex(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

size_t sio_form_decode(char *out, size_t size, sio_str text)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len; len++) {
        const int byte = escaped(text.data + at, text.len - at);
        const char plain = text.data[at] == '+' ? ' ' : text.data[at];
        if (len < size)
            out[len] = byte < 0 ? plain : (char)byte;
        at += byte < 0 ? 1 : 3;
    }
    return len;
}
