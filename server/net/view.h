/* A request as the application's callbacks see it. */
#ifndef SIO_NET_VIEW_H
#define SIO_NET_VIEW_H

#include <sio/http.h>

#include "net/conn.h"

struct sio_http_request {
    sio_handshake *handshake;
    const char *method;
};

/* SIO_ENOMEM. */
int sio_view_init(sio_http_request *view, sio_conn *conn, const sio_request *request);
void sio_view_free(sio_http_request *view);

#endif
