#include "example.h"

#include <stdio.h>
#include <stdlib.h>

int example_listen(sio_server *io, int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : "3000";
    char *end;
    const long port = strtol(text, &end, 10);
    if (*end || port < 0 || port > 65535) {
        fprintf(stderr, "%s is no port: they go from 0 (any free one) to 65535\n", text);
        return SIO_EINVAL;
    }
    const int err = sio_server_listen(io, "127.0.0.1", (uint16_t)port);
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
    if (argc > 2)
        options.redis = argv[2];
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
