/* [hello] */
#include <stdio.h>
#include <stdlib.h>

#include <sio/sio.h>

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const char *room = sio_args_string(args, 0), *text = sio_args_string(args, 1);
    (void)data;
    if (!room || !text) {
        sio_ack_send(ack, "{s:s}", "error", "say takes a room and a text");
        return;
    }
    sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(room) }, "said", "{s:s,s:s}",
                         "room", room, "text", text);
    sio_ack_send(ack, "b", 1);
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    sio_socket_join(socket, "lobby");
}

static void on_cluster(sio_server *io, sio_cluster_state state, const char *detail, void *data)
{
    (void)io, (void)data;
    fprintf(stderr, "Redis: %s %s\n", sio_cluster_state_text(state), detail ? detail : "");
}

int main(int argc, char **argv)
{
    const long port = argc > 1 ? strtol(argv[1], NULL, 10) : 3000;
    if (port < 0 || port > 65535) {
        fprintf(stderr, "%s is no port: they go from 0 (any free one) to 65535\n", argv[1]);
        return 1;
    }
    char error[128] = "";
    const sio_server_options options = { .redis = getenv("SIO_REDIS"), /* NULL: one node alone */
                                         .on_cluster = on_cluster,
                                         .error = error,
                                         .error_size = sizeof(error) };
    sio_server *io;
    if (sio_server_new(&io, &options)) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    sio_namespace *chat = sio_server_of(io, "/");
    sio_namespace_on_connection(chat, on_connection, NULL);
    int err = sio_namespace_on(chat, "say", on_say, NULL);
    if (!err)
        err = sio_server_serve(io, "/", "index.html");
    if (!err)
        err = sio_server_listen(io, "127.0.0.1", (uint16_t)port);
    if (!err) {
        printf("listening %u\n", (unsigned)sio_server_port(io));
        fflush(stdout);
        err = sio_server_run(io); /* until SIGINT or SIGTERM */
    }
    if (err)
        fprintf(stderr, "%s: %s\n", sio_err_message(err), sio_server_error(io));
    sio_server_free(io);
    return err ? 1 : 0;
}
/* [end] */
