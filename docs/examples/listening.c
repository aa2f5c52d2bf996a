#include <stdio.h>

#include "example.h"

/* [on] */
/* socket.on("order", (item, options, callback) => …) */
static void on_order(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    const char *item = sio_args_string(args, 0);
    const int64_t count = sio_value_int(sio_value_get(sio_args_at(args, 1), "count"));
    if (!item || count < 1) {
        sio_ack_send(ack, "{s:s}", "error", "order takes an item and { count }");
        return;
    }
    sio_ack_send(ack, "{s:s,s:I}", "item", item, "count", count);
}
/* [end] */

/* [once] */
static void on_code(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_ack_send(ack, "s", "this was your only try");
    sio_socket_off(socket, "hint", NULL); /* all handlers of this socket for that event */
}

static void on_hint(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)args, (void)data;
    sio_ack_send(ack, "s", "it has four digits");
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    if (sio_socket_once(socket, "code", on_code, NULL) ||
        sio_socket_on(socket, "hint", on_hint, NULL))
        sio_socket_disconnect(socket, true);
}
/* [end] */

/* [any] */
static void on_any(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                   void *data)
{
    (void)data;
    fprintf(stderr, "%s says %s with %zu arguments%s\n", sio_socket_id(socket), event,
            sio_args_count(args), ack ? ", and wants an answer" : "");
}

static void on_any_outgoing(sio_socket *socket, const char *event, const sio_args *args,
                            sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    fprintf(stderr, "%s hears %s with %zu arguments\n", sio_socket_id(socket), event,
            sio_args_count(args));
}
/* [end] */

/* [read] */
static void on_sum(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    const sio_value *list = sio_args_at(args, 0);
    double sum = 0;
    for (size_t i = 0; i < sio_value_count(list); i++)
        sum += sio_value_double(sio_value_at(list, i));
    sio_ack_send(ack, "f", sum);
}

static void on_keys(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    const sio_value *map = sio_args_at(args, 0);
    for (size_t i = 0; i < sio_value_count(map); i++)
        sio_socket_emit(socket, "pair", "vv", sio_value_key(map, i), sio_value_at(map, i));
}
/* [end] */

static int setup(sio_server *io)
{
    /* [register] */
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    int err = sio_namespace_on(root, "order", on_order, NULL); /* for every socket of "/" */
    if (!err)
        err = sio_namespace_on_any(root, on_any, NULL);
    if (!err)
        err = sio_namespace_on_any_outgoing(root, on_any_outgoing, NULL);
    /* [end] */
    if (!err)
        err = sio_namespace_on(root, "sum", on_sum, NULL);
    return err ? err : sio_namespace_on(root, "keys", on_keys, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
