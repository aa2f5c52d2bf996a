#include <stdio.h>
#include <string.h>

#include "example.h"

/* [disconnect] */
static void on_disconnecting(sio_socket *socket, const char *reason, void *data)
{
    (void)data;
    fprintf(stderr, "disconnecting: %s, in %zu rooms\n", reason, sio_socket_room_count(socket));
}

static void on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    (void)data;
    fprintf(stderr, "disconnected: %s, in %zu rooms\n", reason, sio_socket_room_count(socket));
    if (strcmp(reason, "client namespace disconnect") != 0)
        fprintf(stderr, "it did not say goodbye\n");
}
/* [end] */

static void on_kick(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)ack, (void)data;
    sio_socket_disconnect(socket, false);
}

static int setup(sio_server *io)
{
    /* [register] */
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_disconnecting(root, on_disconnecting, NULL);
    sio_namespace_on_disconnect(root, on_disconnect, NULL);
    /* [end] */
    return sio_namespace_on(root, "kick", on_kick, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
