#include "example.h"

/* [connection] */
static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    if (sio_socket_recovered(socket))
        return; /* its id, rooms and data are there, and what it missed is on its way */
    if (sio_socket_join(socket, "feed") || sio_socket_set_data(socket, "{s:i}", "visits", 1))
        sio_socket_disconnect(socket, true);
}
/* [end] */

static void on_post(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    int err = sio_namespace_emit(sio_socket_namespace(socket),
                                 &(sio_target){ .rooms = SIO_ROOMS("feed") }, "posted", "V",
                                 sio_args_array(args));
    sio_ack_send(ack, "b", err == 0);
}

static int setup(sio_server *io)
{
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    return sio_namespace_on(root, "post", on_post, NULL);
}

int main(int argc, char **argv)
{
    /* [options] */
    const sio_server_options options = {
        .connection_state_recovery = { .enable = true,
                                       .max_disconnection_ms = 2 * 60 * 1000,
                                       .max_bytes = 256u * 1024 * 1024 },
    };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
