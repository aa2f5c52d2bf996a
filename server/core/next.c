#include "core/next.h"

#include <sio/err.h>

void sio_next_init(sio_next *next, sio_server *server, const sio_next_ops *ops)
{
    next->server = server;
    next->ops = ops;
    sio_list_push(&server->nexts, &next->node);
}

static void drop(sio_next *next)
{
    sio_list_remove(&next->node);
    next->ops->drop(next);
}

void sio_next_drop_all(sio_server *server)
{
    while (!sio_list_empty(&server->nexts))
        drop(SIO_CONTAINER(server->nexts.next, sio_next, node));
}

void sio_next_pass(sio_next *next)
{
    next->ops->pass(next);
    drop(next);
}

/* Data that cannot be made is left out: a refusal it is all the same. */
void sio_next_refuse(sio_next *next, const char *message, const char *format, ...)
{
    sio_value *data = NULL;
    int err = 0;
    if (format && *format) {
        va_list arguments;
        va_start(arguments, format);
        err = sio_value_vnew(&data, format, arguments);
        va_end(arguments);
    }
    if (err)
        SIO_CORE_LOG(next->server, SIO_LOG_ERROR, SIO_LOG_SOCKET, "data of a refusal: %s",
                     sio_err_message(err));
    next->ops->refuse(next, message ? message : "", data);
    sio_value_free(data);
    drop(next);
}
