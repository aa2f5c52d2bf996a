#include "net/query.h"

#include "core/form.h"

static bool is_name(sio_str text, const char *name)
{
    char decoded[32]; /* longer than any name that is asked for */
    const size_t len = sio_form_decode(decoded, sizeof(decoded), text);
    return len == strlen(name) && memcmp(decoded, name, len) == 0;
}

int sio_query_param(sio_str url, const char *name, char *out, size_t size)
{
    sio_str query = sio_form_query(url), key, value;
    int found = -1;
    while (sio_form_next(&query, &key, &value)) {
        if (!is_name(key, name))
            continue;
        const size_t len = sio_form_decode(out, size - 1, value);
        out[len < size ? len : size - 1] = '\0';
        found = (int)len;
    }
    return found;
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
