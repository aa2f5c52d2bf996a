#include "net/request.h"

#include <strings.h>

#include <sio/sys/mem.h>

static sio_request *request_of(llhttp_t *parser)
{
    return SIO_CONTAINER(parser, sio_request, parser);
}

static int refuse(sio_request *request, unsigned status)
{
    request->status = status;
    return HPE_USER;
}

static int append_head(sio_request *request, const char *at, size_t len, size_t most,
                       unsigned status)
{
    if (request->head.len > most || len > most - request->head.len)
        return refuse(request, status);
    sio_buf_append(&request->head, at, len);
    return request->head.err ? refuse(request, 503) : 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
    sio_request *request = request_of(parser);
    const bool url_is_less = request->url_most < request->head_most;
    int err =
        append_head(request, at, len, url_is_less ? request->url_most : request->head_most, 414);
    if (!err)
        request->url_len = (uint16_t)request->head.len;
    return err;
}

/* Trailers come through the same callbacks; nobody asks for them. */
static bool is_trailer(const sio_request *request)
{
    return request->stage != SIO_REQUEST_HEAD;
}

static int begin_field(sio_request *request)
{
    if (request->count == request->count_most) {
        request->crowded = true;
        return refuse(request, 431);
    }
    request->in_value = false;
    request->fields[request->count++] = (sio_request_field){ .name = (uint16_t)request->head.len };
    return 0;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t len)
{
    sio_request *request = request_of(parser);
    if (is_trailer(request))
        return 0;
    int err = request->count == 0 || request->in_value ? begin_field(request) : 0;
    if (!err)
        err = append_head(request, at, len, request->head_most, 431);
    if (!err)
        request->fields[request->count - 1].name_len += (uint16_t)len;
    return err;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t len)
{
    sio_request *request = request_of(parser);
    if (is_trailer(request))
        return 0;
    sio_request_field *field = &request->fields[request->count - 1];
    if (!request->in_value) {
        request->in_value = true;
        field->value = (uint16_t)request->head.len;
    }
    int err = append_head(request, at, len, request->head_most, 431);
    if (!err)
        field->value_len += (uint16_t)len;
    return err;
}

static int on_headers_complete(llhttp_t *parser)
{
    sio_request *request = request_of(parser);
    request->stage = SIO_REQUEST_ADMIT;
    request->keep_alive = llhttp_should_keep_alive(parser) != 0;
    return HPE_PAUSED;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    sio_request *request = request_of(parser);
    if (len > request->limit - request->body.len)
        return refuse(request, 413);
    sio_buf_append(&request->body, at, len);
    return request->body.err ? refuse(request, 503) : 0;
}

static int on_message_complete(llhttp_t *parser)
{
    request_of(parser)->stage = SIO_REQUEST_COMPLETE;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

sio_request *sio_request_new(void)
{
    sio_request *request = sio_mem_zalloc(sizeof(*request));
    if (!request)
        return NULL;
    llhttp_init(&request->parser, HTTP_REQUEST, &settings);
    request->url_most = request->head_most = SIO_LIMIT_HTTP_HEAD;
    request->count_most = SIO_LIMIT_HTTP_HEADERS;
    return request;
}

void sio_request_free(sio_request *request)
{
    if (!request)
        return;
    sio_buf_free(&request->head);
    sio_buf_free(&request->body);
    sio_buf_free(&request->backlog);
    sio_buf_free(&request->raw);
    sio_mem_free(request);
}

static size_t fail(sio_request *request)
{
    request->stage = SIO_REQUEST_BAD;
    if (request->status == 0)
        request->status = 400;
    return 0;
}

size_t sio_request_feed(sio_request *request, const char *data, size_t len)
{
    if (request->stage == SIO_REQUEST_BAD)
        return 0;
    if (request->stage == SIO_REQUEST_ADMIT) {
        if (request->parser.content_length > request->limit) {
            request->status = 413;
            return fail(request);
        }
        request->stage = SIO_REQUEST_BODY;
        llhttp_resume(&request->parser);
    }
    llhttp_errno_t err = llhttp_execute(&request->parser, data, len);
    if (err == HPE_OK)
        return len;
    if (err != HPE_PAUSED && err != HPE_PAUSED_UPGRADE)
        return fail(request);
    return (size_t)(llhttp_get_error_pos(&request->parser) - data);
}

sio_str sio_request_url(const sio_request *request)
{
    return (sio_str){ request->head.data, request->url_len };
}

bool sio_request_is(const sio_request *request, llhttp_method_t method)
{
    return request->parser.method == method;
}

bool sio_request_is_upgrade(const sio_request *request)
{
    return request->parser.upgrade && !sio_request_is(request, HTTP_CONNECT);
}

bool sio_request_has_body(const sio_request *request)
{
    return request->parser.content_length > 0 || (request->parser.flags & F_CHUNKED);
}

static sio_str field_name(const sio_request *request, size_t index)
{
    const sio_request_field *field = &request->fields[index];
    return (sio_str){ request->head.data + field->name, field->name_len };
}

/* Without the blanks that llhttp leaves at its end. */
static sio_str field_value(const sio_request *request, size_t index)
{
    const sio_request_field *field = &request->fields[index];
    sio_str value = { request->head.data + field->value, field->value_len };
    while (value.len > 0 && strchr(" \t", value.data[value.len - 1]))
        value.len--;
    return value;
}

sio_str sio_request_header(const sio_request *request, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < request->count; i++) {
        sio_str found = field_name(request, i);
        if (found.len == len && strncasecmp(found.data, name, len) == 0)
            return field_value(request, i);
    }
    return (sio_str){ NULL, 0 };
}

size_t sio_request_headers(const sio_request *request, sio_handshake_header *out)
{
    for (size_t i = 0; i < request->count; i++)
        out[i] = (sio_handshake_header){ field_name(request, i), field_value(request, i) };
    return request->count;
}
