/* An answer that the application owes: of a middleware, or of whoever else was asked and may say so
 * later. */
#ifndef SIO_CORE_NEXT_H
#define SIO_CORE_NEXT_H

#include <sio/namespace.h>

#include "core/server.h"

/* What becomes of it. The first two are called once at most, `drop` always and last, at the
 * server's end too. */
typedef struct sio_next_ops {
    void (*pass)(sio_next *next);
    void (*refuse)(sio_next *next, const char *message, const sio_value *data);
    void (*drop)(sio_next *next);
} sio_next_ops;

/* The first field of what waits for it. */
struct sio_next {
    sio_list node; /* in server->nexts */
    sio_server *server;
    const sio_next_ops *ops;
};

void sio_next_init(sio_next *next, sio_server *server, const sio_next_ops *ops);

/* Ends what was never answered, when the server is freed. */
void sio_next_drop_all(sio_server *server);

#endif
