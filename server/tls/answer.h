/* What the server has written as an answer of HTTP/1.1, taken apart. */
#ifndef SIO_TLS_ANSWER_H
#define SIO_TLS_ANSWER_H

#include <stdbool.h>

#include <sio/sys/buf.h>

typedef enum sio_tls_stage {
    SIO_TLS_ANSWER_HEAD, /* more of it is to come */
    SIO_TLS_ANSWER_BODY,
    SIO_TLS_ANSWER_WHOLE,
    SIO_TLS_ANSWER_FRAMES, /* 101: what follows is no HTTP */
    SIO_TLS_ANSWER_BAD
} sio_tls_stage;

typedef struct sio_tls_answer {
    struct llhttp__internal_s *parser; /* its header does not go together with libwebsockets' */
    sio_tls_stage stage;
    unsigned status;
    bool bodiless;  /* it answers a HEAD */
    sio_buf fields; /* names and values, each with its NUL */
    sio_buf *body;  /* where to append that, borrowed */
} sio_tls_answer;

/* SIO_ENOMEM. */
int sio_tls_answer_init(sio_tls_answer *answer, bool bodiless, sio_buf *body);
void sio_tls_answer_free(sio_tls_answer *answer);

/* How many bytes belong to it: all, or up to the first frame. */
size_t sio_tls_answer_feed(sio_tls_answer *answer, const char *data, size_t len);

#endif
