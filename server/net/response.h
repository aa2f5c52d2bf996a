/* The answer to a request: its head, and its body, compressed where that helps. */
#ifndef SIO_NET_RESPONSE_H
#define SIO_NET_RESPONSE_H

#include "net/conn.h"
#include "net/encoding.h"

typedef struct sio_response {
    unsigned status;
    const char *type;    /* of the body; NULL: none is sent */
    const char *headers; /* more header lines, each with its CRLF; NULL: none */
    sio_str exchanged;   /* and those of the exchange: set by sio_http_respond */
    sio_str body;
    sio_blob *owner;       /* what holds the body, if it can be shared; borrowed */
    sio_encoding encoding; /* of the body */
    bool compress;         /* it is worth an encoding, if it is long and the request takes one */
} sio_response;

/* Answers the request that is being served. The body may lie in net->output from SIO_HTTP_HEAD_ROOM
 * on, the head is written before it. */
void sio_http_respond(sio_conn *conn, const sio_response *response);
#define SIO_HTTP_HEAD_ROOM (1024 + SIO_LIMIT_ANSWER_HEADERS)

/* Writes the head of a response. `keep_alive_s` 0: the connection ends with
 * it. Returns its length; it is cut off at `size`. */
size_t sio_http_head(char *out, size_t size, const sio_response *response, unsigned keep_alive_s,
                     int64_t seconds);

#endif
