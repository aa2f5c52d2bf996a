/* HTTP/1.1 on a connection: requests one after the other, each answered before the next is read. */
#ifndef SIO_NET_HTTP_H
#define SIO_NET_HTTP_H

#include "net/conn.h"

typedef struct sio_response {
    unsigned status;
    const char *type;    /* of the body; NULL: none is sent */
    const char *headers; /* more header lines, each with its CRLF; NULL: none */
    sio_str exchanged;   /* and those of the exchange: set by sio_http_respond */
    sio_str body;
    sio_blob *owner; /* what holds the body, if it can be shared; borrowed */
} sio_response;

/* Answers the request that is being served. The body may lie in net->output from SIO_HTTP_HEAD_ROOM
 * on, the head is written before it. */
void sio_http_respond(sio_conn *conn, const sio_response *response);
#define SIO_HTTP_HEAD_ROOM (1024 + SIO_LIMIT_ANSWER_HEADERS)

/* Writes the head of a response. Returns its length; it is cut off at `size`. */
size_t sio_http_head(char *out, size_t size, const sio_response *response, bool keep_alive,
                     int64_t seconds);

/* Bytes have come. */
void sio_http_input(sio_conn *conn, char *data, size_t len);

/* The request before has been answered: serves what was pipelined. */
void sio_http_resume(sio_conn *conn);

/* It has become a WebSocket, later than its request came: what came since then is frames. */
void sio_http_upgraded(sio_conn *conn);

/* The request has not come whole in time. */
void sio_http_expire(sio_conn *conn);

/* The request that is still coming will never be served. */
void sio_http_abandon(sio_conn *conn);

#endif
