/* The head of the server's answer, to a client of libwebsockets. */
#ifndef SIO_TLS_REPLY_H
#define SIO_TLS_REPLY_H

#include <libwebsockets.h>

#include "answer.h"

/* Writes it, and that nothing follows if that is so. False: the connection is to be closed. */
bool sio_tls_reply_head(const sio_tls_answer *answer, struct lws *wsi);

#endif
