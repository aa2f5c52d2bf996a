/* Callbacks of the application about requests, as sio_server_options has them. */
#ifndef SIO_NET_HOOKS_H
#define SIO_NET_HOOKS_H

#include <sio/server.h>

typedef struct sio_hooks {
    void (*allow_request)(sio_server *server, const sio_http_request *request,
                          sio_admission *admission, void *data);
    int (*generate_id)(sio_server *server, const sio_http_request *request,
                       char id[SIO_SESSION_ID_SIZE], void *data);
    void (*on_initial_headers)(sio_server *server, const sio_http_request *request,
                               sio_headers *headers, void *data);
    void (*on_headers)(sio_server *server, const sio_http_request *request, sio_headers *headers,
                       void *data);
    void (*on_connection_error)(sio_server *server, const sio_connection_error *error, void *data);
} sio_hooks;

#endif
