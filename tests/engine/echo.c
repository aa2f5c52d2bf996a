/* An Engine.IO server that sends every message back, as the official suites of that protocol want
 * it: the library, with what it would do with a message replaced by the linker (--wrap). Takes the
 * flags of the test node. */
#include <stdio.h>

#include <sio/sio.h>

#include "core/client.h"
#include "core/legacy.h"
#include "core/parser.h"
#include "testnode/flags.h"

/* "No packet yet" is the answer of a decoder that waits for more. */
int __wrap_sio_parser_decode(sio_client *client, const sio_eio_packet *message, sio_packet *out);
int __wrap_sio_parser_decode(sio_client *client, const sio_eio_packet *message, sio_packet *out)
{
    (void)out;
    sio_frame *frame = sio_frame_new(message->data, message->binary);
    if (!frame)
        return SIO_ENOMEM;
    (void)sio_client_queue(client, frame, false);
    sio_frame_unref(frame);
    return 0;
}

/* There are no namespaces that a client of revision 3 could be in. */
void __wrap_sio_legacy_welcome(sio_client *client);
void __wrap_sio_legacy_welcome(sio_client *client)
{
    (void)client;
}

static int fail(const char *what)
{
    fprintf(stderr, "sio-engine-echo: %s\n", what);
    return 1;
}

int main(int argc, char **argv)
{
    node_flags flags;
    if (!node_flags_read(&flags, argc, argv))
        return 2;
    char error[128] = "";
    sio_server_options options = flags.server;
    if (!options.path)
        options.path = "/engine.io";
    options.no_client_files = true;
    options.connect_timeout_ms = INT32_MAX; /* nobody joins a namespace here */
    options.error = error;
    options.error_size = sizeof(error);

    sio_server *server;
    if (sio_server_new(&server, &options))
        return fail(error);
    int err = sio_server_listen(server, flags.host, flags.port);
    if (!err) {
        printf("listening %u\n", (unsigned)sio_server_port(server));
        fflush(stdout);
        err = sio_server_run(server);
    }
    sio_server_free(server);
    return err ? fail(sio_err_message(err)) : 0;
}
