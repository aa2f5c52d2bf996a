#include <stdio.h>

#include "example.h"

static void on_handed_over(sio_server *io, void *data)
{
    (void)io, (void)data;
    fprintf(stderr, "the next process serves\n");
}

/* [listen] */
static int listen_or_take_over(sio_server *io, int argc, char **argv, const char *path)
{
    const sio_handover_options options = {
        .path = path, /* "/run/chat/next.sock" */
        .drain = { .deadline_ms = 500, .per_second = 1000 },
        .on_handed_over = on_handed_over,
    };
    const int taken = sio_server_handover(io, &options);
    if (taken == 0) /* nobody is there: listen as ever */
        return example_listen(io, argc, argv);
    if (taken > 0)
        printf("listening %u\n", (unsigned)sio_server_port(io));
    fflush(stdout);
    return taken < 0 ? taken : 0; /* whoever is there goes on serving */
}
/* [end] */

static void on_echo(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    sio_ack_send(ack, "V", sio_args_array(args));
}

int main(int argc, char **argv)
{
    sio_server *io;
    if (argc != 3) {
        fprintf(stderr, "usage: handover PORT PATH\n");
        return 2;
    }
    if (sio_server_new(&io, NULL))
        return 1;
    int err = sio_namespace_on(sio_server_of(io, "/"), "echo", on_echo, NULL);
    if (!err)
        err = listen_or_take_over(io, argc, argv, argv[2]);
    if (!err)
        err = sio_server_run(io);
    if (err)
        fprintf(stderr, "%s: %s\n", sio_err_message(err), sio_server_error(io));
    sio_server_free(io);
    return err ? 1 : 0;
}
