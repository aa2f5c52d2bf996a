#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "example.h"

/* [handshake] */
static void on_whoami(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_ack_send(ack, "{s:s,s:s,s:s,s:s,s:v}", "id", sio_socket_id(socket), "transport",
                 sio_socket_transport(socket), "agent", sio_socket_header(socket, "user-agent"),
                 "version", sio_socket_query(socket, "EIO"), "auth", sio_socket_auth(socket));
}
/* [end] */

/* [context] */
typedef struct player {
    int score;
    char name[32];
} player;

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    player *self = calloc(1, sizeof(*self));
    const char *name = sio_value_string(sio_value_get(sio_socket_auth(socket), "name"), NULL);
    if (!self || sio_socket_set_context(socket, self, free)) { /* freed with the socket */
        free(self);
        sio_socket_disconnect(socket, true);
        return;
    }
    snprintf(self->name, sizeof(self->name), "%s", name ? name : "somebody");
}

static void on_score(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    player *self = sio_socket_context(socket);
    self->score += (int)sio_args_int(args, 0);
    sio_ack_send(ack, "si", self->name, self->score);
}
/* [end] */

/* [data] */
/* What fetch_sockets of any node sees. */
static void on_rename(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    int err = sio_socket_set_data(socket, "{s:s}", "name", sio_args_string(args, 0));
    sio_ack_send(ack, "v", err ? NULL : sio_socket_data(socket));
}
/* [end] */

/* [keep] */
static sio_socket *screen; /* kept beyond its handler */

static void on_show(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_socket_unref(screen);
    screen = sio_socket_ref(socket);
    sio_ack_send(ack, NULL);
}

static void on_draw(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    if (screen && sio_socket_connected(screen))
        sio_socket_emit(screen, "draw", "V", sio_args_array(args));
    sio_ack_send(ack, "b", screen && sio_socket_connected(screen));
}
/* [end] */

/* [connection] */
static void on_upgrade(sio_client *client, void *data)
{
    (void)data;
    fprintf(stderr, "%s goes on by %s\n", sio_client_address(client), sio_client_transport(client));
}

static void on_close(sio_client *client, const char *reason, const char *description, void *data)
{
    (void)client, (void)data;
    fprintf(stderr, "closed: %s%s%s\n", reason, description ? ": " : "",
            description ? description : "");
}

static void on_client(sio_server *io, sio_client *client, void *data)
{
    (void)io, (void)data;
    static const sio_client_events events = { .upgrade = on_upgrade, .close = on_close };
    if (sio_client_on(client, &events, NULL))
        sio_client_close(client);
}
/* [end] */

/* [disconnect] */
static void on_leave(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    if (sio_args_bool(args, 0))
        sio_socket_disconnect(socket, true); /* the connection, with all its namespaces */
    else
        sio_socket_disconnect(socket, false); /* this namespace */
}
/* [end] */

static int setup(sio_server *io)
{
    static const struct {
        const char *name;
        sio_event_cb callback;
    } events[] = { { "whoami", on_whoami }, { "score", on_score }, { "rename", on_rename },
                   { "show", on_show },     { "draw", on_draw },   { "leave", on_leave } };
    sio_namespace *root = sio_server_of(io, "/");
    int err = 0;
    sio_namespace_on_connection(root, on_connection, NULL);
    for (size_t i = 0; !err && i < sizeof(events) / sizeof(*events); i++)
        err = sio_namespace_on(root, events[i].name, events[i].callback, NULL);
    return err;
}

int main(int argc, char **argv)
{
    const int status =
        example_run(argc, argv, (sio_server_options){ .on_client = on_client }, setup);
    sio_socket_unref(screen);
    return status;
}
