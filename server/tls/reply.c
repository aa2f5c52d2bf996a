#include "reply.h"

#include <stdlib.h>
#include <string.h>

#include <sio/sys/limits.h>

static bool is_of_connection(const char *name)
{
    return strcasecmp(name, "connection") == 0 || strcasecmp(name, "keep-alive") == 0 ||
           strcasecmp(name, "content-length") == 0;
}

static bool add(struct lws *wsi, const char *name, const char *value, unsigned char **at,
                unsigned char *end)
{
    char lower[SIO_LIMIT_NAME + 2];
    const size_t len = strlen(name);
    if (len > SIO_LIMIT_NAME)
        return false;
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    memcpy(lower + len, ":", 2);
    return lws_add_http_header_by_name(wsi, (const unsigned char *)lower,
                                       (const unsigned char *)value, (int)strlen(value), at,
                                       end) == 0;
}

static bool add_all(const sio_tls_answer *answer, struct lws *wsi, unsigned char **at,
                    unsigned char *end)
{
    const char *field = answer->fields.data, *const last = field + answer->fields.len;
    while (field && field < last) {
        const char *value = field + strlen(field) + 1;
        if (value >= last)
            return false;
        if (strcasecmp(field, "content-length") == 0 &&
            lws_add_http_header_content_length(wsi, strtoull(value, NULL, 10), at, end))
            return false;
        if (!is_of_connection(field) && !add(wsi, field, value, at, end))
            return false;
        field = value + strlen(value) + 1;
    }
    return true;
}

static bool has_body(const sio_tls_answer *answer)
{
    return answer->stage == SIO_TLS_ANSWER_BODY || answer->body->len > LWS_PRE;
}

bool sio_tls_reply_head(const sio_tls_answer *answer, struct lws *wsi)
{
    unsigned char head[LWS_PRE + 1024 + SIO_LIMIT_ANSWER_HEADERS];
    unsigned char *const start = head + LWS_PRE, *at = start, *const end = head + sizeof(head) - 1;
    const int how = LWS_WRITE_HTTP_HEADERS | (has_body(answer) ? 0 : LWS_WRITE_H2_STREAM_END);
    if (lws_add_http_header_status(wsi, answer->status, &at, end) ||
        !add_all(answer, wsi, &at, end) || lws_finalize_http_header(wsi, &at, end))
        return false;
    return lws_write(wsi, start, (size_t)(at - start), (enum lws_write_protocol)how) >= 0;
}
