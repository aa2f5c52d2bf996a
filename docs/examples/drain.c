#include <stdio.h>

#include "example.h"

/* [progress] */
static void on_progress(sio_server *io, const sio_drain_progress *progress, void *data)
{
    const unsigned long long gone = progress->let_go, all = gone + progress->left;
    (void)io, (void)data;
    fprintf(stderr, "%llu of %llu clients have gone\n", gone, all);
}
/* [end] */

/* [now] */
static void on_maintenance(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    const int err =
        sio_server_drain(sio_socket_server(socket),
                         &(sio_drain_options){ .deadline_ms = 200, .on_progress = on_progress });
    sio_ack_send(ack, "b", err == 0);
}
/* [end] */

static int setup(sio_server *io)
{
    return sio_namespace_on(sio_server_of(io, "/"), "maintenance", on_maintenance, NULL);
}

int main(int argc, char **argv)
{
    /* [options] */
    const sio_server_options options = {
        .drain_on_sigterm = true, /* a second SIGTERM, or SIGINT, closes at once */
        .drain = { .deadline_ms = 500, .per_second = 1000, .on_progress = on_progress },
    };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
