#include <sio/sys/proxy.h>

#include <strings.h>

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

/* What stands behind the last separator is taken off `list`. One in quotes is none; whose quotes do
 * not pair up is cut at its end, where a proxy that adds to it has written. */
static sio_str take_last(sio_str *list, char separator)
{
    size_t from = list->len;
    bool quoted = false;
    while (from > 0 && (quoted || list->data[from - 1] != separator))
        if (list->data[--from] == '"')
            quoted = !quoted;
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

/* ---- X-Forwarded-For ---- */

bool sio_forwarded_walk(const sio_trust *trust, sio_str value, sio_origin *at, unsigned *hops)
{
    while (value.len > 0 && sio_trust_has(trust, at)) {
        sio_origin before = { .secure = at->secure };
        if (sio_address_read(&before.address, without_port(take_last(&value, ','))))
            return false;
        *at = before;
        ++*hops;
    }
    return sio_trust_has(trust, at);
}

/* ---- X-Forwarded-Proto ---- */

static bool is_named(sio_str text, const char *name)
{
    return text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0;
}

static bool is_tls(sio_str proto)
{
    return is_named(proto, "https") || is_named(proto, "wss");
}

bool sio_forwarded_proto(sio_str value, unsigned *left, bool *secure)
{
    while (value.len > 0 && *left > 0) {
        *secure = is_tls(take_last(&value, ','));
        --*left;
    }
    return *left > 0;
}

/* ---- Forwarded ---- */

static bool unquote(sio_str *text)
{
    if (text->len == 0 || text->data[0] != '"')
        return true;
    if (text->len < 2 || text->data[text->len - 1] != '"')
        return false;
    *text = (sio_str){ text->data + 1, text->len - 2 };
    return !memchr(text->data, '"', text->len);
}

/* name=value; nothing at all is allowed between two semicolons. */
static bool take_pair(sio_str *element, sio_str *name, sio_str *value)
{
    const sio_str pair = take_last(element, ';');
    const char *equals = pair.len ? memchr(pair.data, '=', pair.len) : NULL;
    const size_t len = equals ? (size_t)(equals - pair.data) : 0;
    *name = (sio_str){ pair.data, len };
    *value = equals ? (sio_str){ equals + 1, pair.len - len - 1 } : SIO_STR("");
    return pair.len == 0 || (len > 0 && unquote(value));
}

/* Where it says nothing of TLS, what is known stays. False: it is malformed. */
static bool read_element(sio_str element, sio_str *who, bool *secure)
{
    sio_str name, value;
    *who = SIO_STR("");
    while (element.len > 0) {
        if (!take_pair(&element, &name, &value))
            return false;
        if (is_named(name, "for"))
            *who = value;
        else if (is_named(name, "proto"))
            *secure = is_tls(value);
    }
    return true;
}

bool sio_forwarded_elements(const sio_trust *trust, sio_str value, sio_origin *at)
{
    while (value.len > 0 && sio_trust_has(trust, at)) {
        sio_origin before = { .secure = at->secure };
        sio_str who;
        if (!read_element(take_last(&value, ','), &who, &before.secure))
            return false;
        at->secure = before.secure;
        if (sio_address_read(&before.address, without_port(who)))
            return false;
        *at = before;
    }
    return sio_trust_has(trust, at);
}
