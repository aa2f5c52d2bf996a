#include "example.h"

/* [once] */
static void on_tick(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    /* Encoded once, deflated once, and for each client one write with all else of this turn. */
    for (int i = 0; i < 3; i++)
        sio_namespace_emit(sio_socket_namespace(socket), NULL, "tick", "i", i);
    sio_ack_send(ack, NULL);
}
/* [end] */

static int setup(sio_server *io)
{
    return sio_namespace_on(sio_server_of(io, "/"), "tick", on_tick, NULL);
}

int main(int argc, char **argv)
{
    /* [options] */
    const sio_server_options options = {
        .transports = SIO_TRANSPORT_WEBSOCKET, /* no polling, and no sticky sessions */
        .no_client_files = true,
        .parser = SIO_PARSER_DEFAULT,
        .max_payload = 64 * 1024,
        .max_buffered = 1024 * 1024,
    };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
