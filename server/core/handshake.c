#include "core/handshake.h"

#include <string.h>

#include <sio/sys/mem.h>

#include "core/form.h"

/* Strings lie one after the other, each with its NUL: the URL, the address, the subject if it is
 * `certified`, then name and value of each header, then of each parameter. */
struct sio_handshake {
    int64_t issued_ms;
    uint32_t refs;
    uint32_t headers; /* where they begin in text */
    uint32_t queries;
    uint32_t size;
    bool secure;
    bool certified;
    char text[];
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(sio_str a, sio_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

/* A NUL within would end a string too early and shift all that follow. */
static char *put(char *out, sio_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] != '\0')
            *out++ = text.data[i];
    return out;
}

static char *put_string(char *out, sio_str text)
{
    out = put(out, text);
    *out++ = '\0';
    return out;
}

/* ---- headers ---- */

static bool came_before(const sio_handshake_header *headers, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_name(headers[i].name, headers[index].name))
            return true;
    return false;
}

static char *put_header(char *out, const sio_handshake_header *headers, size_t count, size_t index)
{
    const sio_str name = headers[index].name;
    const sio_str separator = same_name(name, SIO_STR("cookie")) ? SIO_STR("; ") : SIO_STR(", ");
    char *start = out;
    out = put_string(out, name);
    for (; *start; start++)
        *start = lower(*start);
    out = put(out, headers[index].value);
    for (size_t i = index + 1; i < count; i++) {
        if (!same_name(headers[i].name, name))
            continue;
        out = put(out, separator);
        out = put(out, headers[i].value);
    }
    *out++ = '\0';
    return out;
}

/* ---- query ---- */

/* Decoded where it is to stand, and then put there: that drops the NULs. */
static char *put_decoded(char *out, sio_str text)
{
    return put_string(out, (sio_str){ out, sio_form_decode(out, text.len, text) });
}

static char *put_query(char *out, sio_str url)
{
    sio_str query = sio_form_query(url), name, value;
    while (sio_form_next(&query, &name, &value)) {
        out = put_decoded(out, name);
        out = put_decoded(out, value);
    }
    return out;
}

/* ---- the whole ---- */

/* Decoding only shrinks; a parameter needs two NULs where its URL has `&` and perhaps `=`. */
static size_t greatest_size(const sio_handshake_info *info)
{
    size_t size = info->url.len + 1 + info->address.len + 1 + 2 * info->url.len + 2;
    size += info->subject ? strlen(info->subject) + 1 : 0;
    for (size_t i = 0; i < info->header_count; i++)
        size += info->headers[i].name.len + info->headers[i].value.len + 2;
    return size;
}

static size_t fill(sio_handshake *handshake, const sio_handshake_info *info)
{
    char *out = put_string(handshake->text, info->url);
    out = put_string(out, info->address);
    if (info->subject)
        out = put_string(out, sio_str_from(info->subject));
    handshake->headers = (uint32_t)(out - handshake->text);
    for (size_t i = 0; i < info->header_count; i++)
        if (!came_before(info->headers, i))
            out = put_header(out, info->headers, info->header_count, i);
    handshake->queries = (uint32_t)(out - handshake->text);
    out = put_query(out, info->url);
    handshake->size = (uint32_t)(out - handshake->text);
    return handshake->size;
}

sio_handshake *sio_handshake_new(const sio_handshake_info *info)
{
    sio_handshake *handshake = sio_mem_alloc(sizeof(*handshake) + greatest_size(info));
    if (!handshake)
        return NULL;
    handshake->issued_ms = info->issued_ms;
    handshake->refs = 1;
    handshake->secure = info->secure;
    handshake->certified = info->subject != NULL;
    const size_t size = fill(handshake, info);
    sio_handshake *fitted = sio_mem_realloc(handshake, sizeof(*handshake) + size);
    return fitted ? fitted : handshake;
}

sio_handshake *sio_handshake_ref(sio_handshake *handshake)
{
    handshake->refs++;
    return handshake;
}

void sio_handshake_free(sio_handshake *handshake)
{
    if (handshake && --handshake->refs == 0)
        sio_mem_free(handshake);
}

/* The pair at *at, which lies before `end`. */
static bool take(const sio_handshake *handshake, size_t *at, uint32_t end, const char **name,
                 const char **value)
{
    if (*at >= end)
        return false;
    *name = handshake->text + *at;
    *value = *name + strlen(*name) + 1;
    *at = (size_t)(*value - handshake->text) + strlen(*value) + 1;
    return true;
}

bool sio_handshake_header_next(const sio_handshake *handshake, size_t *at, const char **name,
                               const char **value)
{
    if (*at == 0)
        *at = handshake->headers;
    return take(handshake, at, handshake->queries, name, value);
}

bool sio_handshake_query_next(const sio_handshake *handshake, size_t *at, const char **name,
                              const char **value)
{
    if (*at == 0)
        *at = handshake->queries;
    return take(handshake, at, handshake->size, name, value);
}

const char *sio_handshake_header_get(const sio_handshake *handshake, const char *name)
{
    size_t at = 0;
    const char *found, *value;
    while (name && sio_handshake_header_next(handshake, &at, &found, &value))
        if (strcmp(found, name) == 0)
            return value;
    return NULL;
}

const char *sio_handshake_query_get(const sio_handshake *handshake, const char *name)
{
    size_t at = 0;
    const char *found, *value, *last = NULL;
    while (name && sio_handshake_query_next(handshake, &at, &found, &value))
        if (strcmp(found, name) == 0)
            last = value;
    return last;
}

const char *sio_handshake_url(const sio_handshake *handshake)
{
    return handshake->text;
}

const char *sio_handshake_address(const sio_handshake *handshake)
{
    return handshake->text + strlen(handshake->text) + 1;
}

int64_t sio_handshake_issued(const sio_handshake *handshake)
{
    return handshake->issued_ms;
}

bool sio_handshake_secure(const sio_handshake *handshake)
{
    return handshake->secure;
}

const char *sio_handshake_subject(const sio_handshake *handshake)
{
    const char *address = sio_handshake_address(handshake);
    return handshake->certified ? address + strlen(address) + 1 : NULL;
}
