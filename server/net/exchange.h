/* What an answer takes over from its request, which is gone when the answer comes. There is one
 * only where there is something to keep: a poll that waits without costs nothing for it. */
#ifndef SIO_NET_EXCHANGE_H
#define SIO_NET_EXCHANGE_H

#include "net/conn.h"
#include "net/headers.h"
#include "net/jsonp.h"

struct sio_exchange {
    sio_headers headers;      /* of the answer, whatever it will be */
    sio_jsonp jsonp;          /* how the answer to a poll is wrapped */
    sio_admission *admission; /* the application is asked for; NULL: it is not */
};

/* That of the request being served, made if it is not there; NULL when memory is out. */
sio_exchange *sio_exchange_get(sio_conn *conn);

/* The header lines that it adds to the answer, each with its CRLF; "" without an exchange. */
sio_str sio_exchange_lines(const sio_conn *conn);

/* It has been answered, or will never be. */
void sio_exchange_end(sio_conn *conn);

#endif
