#include "request.h"

#include <ctype.h>
#include <string.h>

#include <sio/sys/limits.h>

typedef struct head {
    struct lws *wsi;
    sio_buf *out;
    bool bad; /* there is something in it that no request has */
} head;

/* What libwebsockets has decoded is encoded again; `kept` are characters that mean something where
 * it stands. */
static void put_encoded(sio_buf *out, const char *text, size_t len, const char *kept)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (isalnum(c) || (c && strchr("-._~", c)) || (c && strchr(kept, c)))
            sio_buf_byte(out, (char)c);
        else
            sio_buf_printf(out, "%%%02X", c);
    }
}

sio_str sio_tls_request_path(struct lws *wsi)
{
    char *path = NULL;
    int len = 0;
    if (lws_http_get_uri_and_method(wsi, &path, &len) < 0 || !path)
        return (sio_str){ NULL, 0 };
    return (sio_str){ path, (size_t)len };
}

static const char *method_of(struct lws *wsi, char out[16])
{
    static const char *const names[] = { "GET",    "POST",    "OPTIONS", "PUT", "PATCH",
                                         "DELETE", "CONNECT", "HEAD",    "GET" };
    char *path;
    int len;
    if (lws_hdr_copy(wsi, out, 16, WSI_TOKEN_HTTP_COLON_METHOD) > 0)
        return out;
    const int method = lws_http_get_uri_and_method(wsi, &path, &len);
    return method >= 0 && method < 9 ? names[method] : NULL;
}

/* In a parameter the first "=" parts its name from its value. */
static void put_parameter(sio_buf *out, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    const size_t name = equals ? (size_t)(equals - text) : len;
    put_encoded(out, text, name, "");
    if (!equals)
        return;
    sio_buf_byte(out, '=');
    put_encoded(out, equals + 1, len - name - 1, "");
}

static void put_query(struct lws *wsi, sio_buf *out)
{
    char text[SIO_LIMIT_HTTP_HEAD];
    int len;
    for (int i = 0;
         (len = lws_hdr_copy_fragment(wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, i)) >= 0;
         i++) {
        sio_buf_byte(out, i ? '&' : '?');
        put_parameter(out, text, (size_t)len);
    }
}

/* ---- headers ---- */

static bool is_of_connection(const char *name, size_t len)
{
    static const char *const names[] = { "connection",
                                         "upgrade",
                                         "keep-alive",
                                         "te",
                                         "transfer-encoding",
                                         "expect",
                                         "http2-settings",
                                         "proxy-connection",
                                         "sec-websocket-key",
                                         "sec-websocket-version",
                                         "sec-websocket-extensions",
                                         "sec-websocket-protocol",
                                         "content-length",
                                         "host" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == len && strncasecmp(names[i], name, len) == 0)
            return true;
    return false;
}

static bool is_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && (!name[i] || !strchr("!#$%&'*+-.^_`|~", name[i])))
            return false;
    return len > 0;
}

/* HTTP/2 can carry what ends a line, and libwebsockets lets it pass. */
static bool is_value(const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)value[i] < ' ' ? value[i] != '\t' : value[i] == 0x7f)
            return false;
    return true;
}

static void put_header(head *to, const char *name, size_t len, const char *value, int value_len)
{
    to->bad = to->bad || !is_name(name, len) || !is_value(value, (size_t)value_len);
    sio_buf_append(to->out, name, len);
    sio_buf_text(to->out, ": ");
    sio_buf_append(to->out, value, (size_t)value_len);
    sio_buf_text(to->out, "\r\n");
}

/* Those that it knows have names that end with a colon; the rest of its tokens are no headers. */
static void put_known(head *to)
{
    char value[SIO_LIMIT_HTTP_HEAD];
    for (int token = 0; token < WSI_TOKEN_COUNT; token++) {
        const char *name = (const char *)lws_token_to_string((enum lws_token_indexes)token);
        const size_t len = name ? strlen(name) : 0;
        if (token == WSI_TOKEN_HTTP_URI_ARGS || len < 2 || name[0] == ':' || name[len - 1] != ':' ||
            is_of_connection(name, len - 1))
            continue;
        const int got = lws_hdr_copy(to->wsi, value, sizeof(value), (enum lws_token_indexes)token);
        if (got > 0)
            put_header(to, name, len - 1, value, got);
    }
}

static void put_other(const char *name, int len, void *data)
{
    head *to = data;
    char value[SIO_LIMIT_HTTP_HEAD];
    const int got = lws_hdr_custom_copy(to->wsi, value, sizeof(value), name, len);
    const size_t bare = len > 0 && name[len - 1] == ':' ? (size_t)len - 1 : (size_t)len;
    if (got >= 0 && !is_of_connection(name, bare))
        put_header(to, name, bare, value, got);
}

static void put_host(head *to)
{
    char value[512];
    int got = lws_hdr_copy(to->wsi, value, sizeof(value), WSI_TOKEN_HTTP_COLON_AUTHORITY);
    if (got <= 0)
        got = lws_hdr_copy(to->wsi, value, sizeof(value), WSI_TOKEN_HOST);
    if (got > 0)
        put_header(to, "Host", 4, value, got);
}

/* ---- what it is ---- */

/* The key answers to nobody: libwebsockets has made that handshake itself. */
#define OPENING                                                                                    \
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"                   \
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"

static void put_body(head *to, const char *method, bool *chunked)
{
    char length[24];
    const bool brings =
        strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
    const int got = lws_hdr_copy(to->wsi, length, sizeof(length), WSI_TOKEN_HTTP_CONTENT_LENGTH);
    *chunked = got <= 0 && brings;
    if (got > 0)
        put_header(to, "Content-Length", 14, length, got);
    if (*chunked)
        sio_buf_text(to->out, "Transfer-Encoding: chunked\r\n");
}

bool sio_tls_request_write(struct lws *wsi, bool upgrade, sio_buf *out, bool *chunked)
{
    char text[16];
    head to = { .wsi = wsi, .out = out };
    const char *method = upgrade ? "GET" : method_of(wsi, text);
    const sio_str path = sio_tls_request_path(wsi);
    if (!method || !is_name(method, strlen(method)) || path.len == 0 || path.data[0] != '/')
        return false;
    sio_buf_text(out, method);
    sio_buf_byte(out, ' ');
    put_encoded(out, path.data, path.len, "/:@!$&'()*+,;=");
    put_query(wsi, out);
    sio_buf_text(out, " HTTP/1.1\r\n");
    put_host(&to);
    put_known(&to);
    lws_hdr_custom_name_foreach(wsi, put_other, &to);
    if (upgrade)
        sio_buf_text(out, OPENING);
    else
        sio_buf_text(out, "Connection: close\r\n");
    if (!upgrade)
        put_body(&to, method, chunked);
    sio_buf_text(out, "\r\n");
    return !to.bad && !out->err;
}
