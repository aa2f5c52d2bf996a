/* Where a connection, and each request on it, comes from: who has connected, or whom a trusted
 * proxy names. */
#ifndef SIO_NET_SOURCE_H
#define SIO_NET_SOURCE_H

#include <sio/sys/proxy.h>

#include "net/conn.h"

/* Of a connection that has more to say of this than its peer's address. */
struct sio_source {
    sio_proxy_reader *header; /* of the PROXY protocol, not complete yet; NULL */
    sio_origin origin;
    sio_visitor *visitor; /* that it counts for; NULL: for none */
    bool named;           /* `origin` is what a header has said */
    bool per_request;     /* it counts for the request being served only */
    bool fresh;           /* it counts as new, and has opened no session yet */
};

/* The connection's, made if it is not there. NULL when memory is out. */
sio_source *sio_source_get(sio_conn *conn);

/* A header of the PROXY protocol comes first. SIO_ENOMEM. */
int sio_source_expect(sio_conn *conn);

/* Whether who is there may say where connections come from. */
bool sio_source_trusts(const sio_net *net, const struct sockaddr_storage *address);

/* Closes the connection if its peer is not trusted to send one. */
void sio_source_check(sio_conn *conn);

/* Bytes have come; so many of them belonged to the header. Closes the connection when it is none.
 */
size_t sio_source_input(sio_conn *conn, const char *data, size_t len);

/* Where the request (NULL: the connection) comes from; false: the peer has gone. */
bool sio_source_of(const sio_conn *conn, const sio_request *request, sio_origin *out);

/* The same as text, "unix:" for what has no address; "" when the peer has gone, which leaves
 * `*secure` untouched (NULL: nobody asks). Returns `out`. */
#define SIO_SOURCE_TEXT 64
const char *sio_source_text(const sio_conn *conn, const sio_request *request,
                            char out[SIO_SOURCE_TEXT], bool *secure);

void sio_source_free(sio_conn *conn);

#endif
