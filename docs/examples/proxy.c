#include "example.h"

static void on_where(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_ack_send(ack, "s", sio_socket_address(socket));
}

static int setup(sio_server *io)
{
    return sio_namespace_on(sio_server_of(io, "/"), "where", on_where, NULL);
}

int main(int argc, char **argv)
{
    /* [trusted] */
    static const char *const proxies[] = { "127.0.0.1", "10.0.0.0/8", "unix:", NULL };
    const sio_server_options options = { .trusted_proxies = proxies };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
