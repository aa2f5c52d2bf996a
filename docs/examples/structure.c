/* An application of several modules: each has its handlers, and one function that registers them.
 */
#include <stdlib.h>

#include "example.h"

/* [module] */
/* orders.h */
typedef struct orders orders;
int orders_register(orders *self, sio_namespace *nsp);

/* orders.c */
struct orders {
    int64_t next; /* or the connection to a database */
};

static void on_create(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    orders *self = data;
    self->next++;
    sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS("clerks") }, "order:created",
                         "Iv", self->next, sio_args_at(args, 0));
    sio_ack_send(ack, "I", self->next);
}

static void on_list(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)args;
    const orders *self = data;
    sio_ack_send(ack, "I", self->next);
}

int orders_register(orders *self, sio_namespace *nsp)
{
    const int err = sio_namespace_on(nsp, "order:create", on_create, self);
    return err ? err : sio_namespace_on(nsp, "order:list", on_list, self);
}
/* [end] */

/* [clerks] */
/* clerks.c */
static void on_clerk(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_ack_send(ack, "b", sio_socket_join(socket, "clerks") == 0);
}

static int clerks_register(sio_namespace *nsp)
{
    return sio_namespace_on(nsp, "clerk:here", on_clerk, NULL);
}
/* [end] */

/* [main] */
/* main.c */
static orders all_orders;

static int setup(sio_server *io)
{
    sio_namespace *root = sio_server_of(io, "/");
    const int err = orders_register(&all_orders, root);
    return err ? err : clerks_register(root);
}
/* [end] */

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
