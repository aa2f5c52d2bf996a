/* An Engine.IO server that sends every message back, as the official suites of that protocol want
 * it: the library, whose application serves every message itself. Takes the flags of the test node.
 */
#include <stdio.h>

#include <sio/sio.h>

#include "core/legacy.h"
#include "testnode/flags.h"

static bool echo(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)data;
    (void)sio_client_send(client, packet->data, packet->length, packet->binary);
    return true;
}

static void on_client(sio_server *server, sio_client *client, void *data)
{
    static const sio_client_events events = { .data = echo };
    (void)server;
    (void)data;
    if (sio_client_on(client, &events, NULL))
        sio_client_close(client);
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
    options.on_client = on_client;
    options.connect_timeout_ms = INT32_MAX; /* nobody joins a namespace here */
    options.error = error;
    options.error_size = sizeof(error);

    sio_server *server;
    if (sio_server_new(&server, &options))
        return fail(error);
    int err = node_listen(server, &flags);
    if (!err) {
        printf("listening %u\n", (unsigned)sio_server_port(server));
        fflush(stdout);
        err = sio_server_run(server);
    }
    sio_server_free(server);
    return err ? fail(sio_err_message(err)) : 0;
}
