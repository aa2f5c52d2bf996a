#include "answer.h"

#include <llhttp.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

static sio_tls_answer *answer_of(llhttp_t *parser)
{
    return parser->data;
}

static int on_text(llhttp_t *parser, const char *at, size_t len)
{
    sio_tls_answer *answer = answer_of(parser);
    sio_buf_append(&answer->fields, at, len);
    return answer->fields.err ? HPE_USER : 0;
}

static int on_text_end(llhttp_t *parser)
{
    sio_tls_answer *answer = answer_of(parser);
    sio_buf_byte(&answer->fields, '\0');
    return answer->fields.err ? HPE_USER : 0;
}

static int on_head(llhttp_t *parser)
{
    sio_tls_answer *answer = answer_of(parser);
    const bool frames = parser->status_code == 101;
    answer->status = parser->status_code;
    answer->stage = frames ? SIO_TLS_ANSWER_FRAMES : SIO_TLS_ANSWER_BODY;
    return answer->bodiless ? 1 : 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    sio_tls_answer *answer = answer_of(parser);
    sio_buf_append(answer->body, at, len);
    return answer->body->err ? HPE_USER : 0;
}

static int on_whole(llhttp_t *parser)
{
    sio_tls_answer *answer = answer_of(parser);
    if (answer->stage != SIO_TLS_ANSWER_FRAMES)
        answer->stage = SIO_TLS_ANSWER_WHOLE;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_text,
    .on_header_field_complete = on_text_end,
    .on_header_value = on_text,
    .on_header_value_complete = on_text_end,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_whole,
};

int sio_tls_answer_init(sio_tls_answer *answer, bool bodiless, sio_buf *body)
{
    *answer = (sio_tls_answer){ .bodiless = bodiless, .body = body };
    answer->parser = sio_mem_alloc(sizeof(*answer->parser));
    if (!answer->parser)
        return SIO_ENOMEM;
    llhttp_init(answer->parser, HTTP_RESPONSE, &settings);
    answer->parser->data = answer;
    return 0;
}

void sio_tls_answer_free(sio_tls_answer *answer)
{
    sio_mem_free(answer->parser);
    sio_buf_free(&answer->fields);
}

size_t sio_tls_answer_feed(sio_tls_answer *answer, const char *data, size_t len)
{
    if (answer->stage >= SIO_TLS_ANSWER_WHOLE)
        return 0;
    const llhttp_errno_t err = llhttp_execute(answer->parser, data, len);
    if (err == HPE_OK)
        return len;
    if (err == HPE_PAUSED || err == HPE_PAUSED_UPGRADE)
        return (size_t)(llhttp_get_error_pos(answer->parser) - data);
    answer->stage = SIO_TLS_ANSWER_BAD;
    return 0;
}
