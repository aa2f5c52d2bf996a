#include <sio/sys/proxy.h>

#include <sio/err.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static sio_str trim(sio_str text)
{
    while (text.len > 0 && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* What stands behind the last comma is taken off `list`. */
static sio_str take_last(sio_str *list)
{
    size_t from = list->len;
    while (from > 0 && list->data[from - 1] != ',')
        from--;
    const sio_str last = { list->data + from, list->len - from };
    list->len = from ? from - 1 : 0;
    return trim(last);
}

static bool is_port(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return len > 0 && len <= 5;
}

/* "192.0.2.1:4711", "[2001:db8::1]:4711" and "[2001:db8::1]" lose what is not the address. */
static sio_str without_port(sio_str text)
{
    const char *end =
        text.len ? memchr(text.data, text.data[0] == '[' ? ']' : ':', text.len) : NULL;
    if (!end)
        return text;
    const size_t len = (size_t)(end - text.data);
    if (text.data[0] != '[')
        return is_port(end + 1, text.len - len - 1) ? (sio_str){ text.data, len } : text;
    const size_t rest = text.len - len - 1;
    if (rest > 0 && (end[1] != ':' || !is_port(end + 2, rest - 1)))
        return text;
    return (sio_str){ text.data + 1, len - 1 };
}

bool sio_forwarded_walk(const sio_trust *trust, sio_str value, sio_origin *at)
{
    while (value.len > 0 && sio_trust_has(trust, at)) {
        sio_origin before = { .local = false };
        if (sio_address_read(&before.address, without_port(take_last(&value))))
            return false;
        *at = before;
    }
    return sio_trust_has(trust, at);
}
