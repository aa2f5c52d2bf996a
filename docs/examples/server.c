#include <stdio.h>

#include "example.h"

/* [refused] */
static void on_connection_error(sio_server *io, const sio_connection_error *error, void *data)
{
    (void)io, (void)data;
    fprintf(stderr, "refused: %d %s%s%s\n", error->code, error->message, error->context ? ", " : "",
            error->context ? error->context : "");
}
/* [end] */

/* [new-namespace] */
static void on_new_namespace(sio_server *io, sio_namespace *nsp, void *data)
{
    (void)io, (void)data;
    fprintf(stderr, "namespace %s\n", sio_namespace_name(nsp));
}
/* [end] */

/* [stats] */
static void on_count(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_server_stats now;
    sio_server_stats_get(sio_socket_server(socket), &now);
    sio_ack_send(ack, "{s:I,s:I}", "clients", (int64_t)now.clients, "sockets",
                 (int64_t)now.sockets);
}
/* [end] */

/* [remote] */
/* Orders to sockets of the whole cluster, by the rooms they are in. */
static void on_merge(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_namespace *nsp = sio_socket_namespace(socket);
    const sio_target guests = { .rooms = SIO_ROOMS("guests") };
    int err = sio_namespace_sockets_join(nsp, &guests, SIO_ROOMS("members"));
    if (!err)
        err = sio_namespace_sockets_leave(nsp, &guests, SIO_ROOMS("guests"));
    sio_ack_send(ack, "b", err == 0);
}

static void on_kick(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    const char *id = sio_args_string(args, 0);
    if (id)
        sio_namespace_disconnect_sockets(sio_socket_namespace(socket),
                                         &(sio_target){ .rooms = SIO_ROOMS(id) }, true);
}
/* [end] */

/* [fetch] */
static void on_sockets(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)nsp;
    sio_ack *ack = data;
    if (answers->error)
        fprintf(stderr, "%u of %u nodes are missing\n", answers->missing_nodes, answers->nodes);
    const sio_value *first = sio_value_at(answers->values, 0);
    sio_ack_send(ack, "{s:i,s:v}", "count", (int)sio_value_count(answers->values), "data",
                 sio_value_get(first, "data"));
    sio_ack_unref(ack);
}

static void on_who(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    if (sio_namespace_fetch_sockets(sio_socket_namespace(socket),
                                    &(sio_target){ .rooms = SIO_ROOMS("members") }, on_sockets,
                                    sio_ack_ref(ack)))
        sio_ack_unref(ack);
}
/* [end] */

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    sio_socket_join(socket, "guests");
    if (sio_socket_set_data(socket, "{s:s}", "name", "guest"))
        sio_socket_disconnect(socket, true);
}

static int setup(sio_server *io)
{
    /* [events] */
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    int err = sio_namespace_on(root, "count", on_count, NULL);
    /* [end] */
    if (!err)
        err = sio_namespace_on(root, "merge", on_merge, NULL);
    if (!err)
        err = sio_namespace_on(root, "kick", on_kick, NULL);
    if (!err)
        err = sio_namespace_on(root, "who", on_who, NULL);
    return err || !sio_server_of(io, "/late") ? SIO_ENOMEM : 0;
}

int main(int argc, char **argv)
{
    const sio_server_options options = { .on_connection_error = on_connection_error,
                                         .on_new_namespace = on_new_namespace };
    return example_run(argc, argv, options, setup);
}
