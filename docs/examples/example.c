#include "example.h"

#include <stdio.h>
#include <stdlib.h>

int example_listen(sio_server *io, int argc, char **argv)
{
    const char *port = argc > 1 ? argv[1] : "3000";
    const int err = sio_server_listen(io, "127.0.0.1", (uint16_t)strtoul(port, NULL, 10));
    if (err)
        return err;
    printf("listening %u\n", (unsigned)sio_server_port(io));
    fflush(stdout);
    return 0;
}

int example_run(int argc, char **argv, sio_server_options options, int (*setup)(sio_server *io))
{
    char error[128] = "";
    sio_server *io;
    options.redis = argc > 2 ? argv[2] : NULL;
    options.error = error;
    options.error_size = sizeof(error);
    if (sio_server_new(&io, &options)) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    int err = setup(io);
    if (!err)
        err = example_listen(io, argc, argv);
    if (!err)
        err = sio_server_run(io);
    if (err)
        fprintf(stderr, "%s %s\n", sio_err_message(err), sio_server_error(io));
    sio_server_free(io);
    return err ? 1 : 0;
}
