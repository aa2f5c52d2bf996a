/* A node that keeps a journal of what its listeners, middlewares and events of connections are
 * told, in which order and with what: lib/reference-events.js does the same by the official server.
 * Takes the flags of the test node. The event "journal" is answered with the lines, and empties it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sio/sio.h>

#include "testnode/flags.h"

/* ---- the journal: a JSON array without its last bracket ---- */

static struct {
    char *text;
    size_t len;
} journal;

static void append(const char *text, size_t len)
{
    journal.text = realloc(journal.text, journal.len + len + 2);
    if (!journal.text)
        abort();
    memcpy(journal.text + journal.len, text, len);
    journal.len += len;
}

static void note(const char *format, ...) SIO_PRINTF(1, 2);

static void note(const char *format, ...)
{
    char line[1024], *json;
    size_t len;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    sio_value *value;
    if (sio_value_new(&value, "s", line) || sio_value_to_json(value, &json, &len))
        abort();
    append(journal.len ? "," : "[", 1);
    append(json, len);
    sio_free(json);
    sio_value_free(value);
}

static void note_args(const char *what, const char *event, const sio_args *args)
{
    char *json;
    if (sio_value_to_json(sio_args_array(args), &json, NULL))
        abort();
    note("%s %s %s", what, event, json);
    sio_free(json);
}

static void on_journal(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    sio_value *lines = NULL;
    append(journal.len ? "]" : "[]", journal.len ? 1 : 2);
    if (sio_value_from_json(&lines, journal.text, journal.len))
        abort();
    sio_ack_send(ack, "v", lines);
    sio_value_free(lines);
    journal.len = 0;
}

/* ---- listeners ---- */

static void on_any(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                   void *data)
{
    (void)socket;
    (void)ack;
    if (strcmp(event, "journal") != 0)
        note_args(data, event, args);
}

static void on_first(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                     void *data)
{
    on_any(socket, event, args, ack, data);
}

static void on_event(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    note_args("handler", data, args);
    sio_ack_send(ack, "V", sio_args_array(args));
}

static void on_forget(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const char *what = sio_args_string(args, 0);
    if (strcmp(what, "any") == 0)
        sio_socket_off_any(socket, on_first);
    else if (strcmp(what, "outgoing") == 0)
        sio_socket_off_any_outgoing(socket, NULL);
    else
        sio_socket_off(socket, what, on_event);
    sio_ack_send(ack, NULL);
}

/* ---- middlewares ---- */

static sio_next *held[8];
static size_t held_count;

static void filter(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                   void *data)
{
    (void)socket;
    (void)data;
    if (strcmp(event, "journal") != 0)
        note_args("middleware", event, args);
    if (strcmp(event, "bad") == 0)
        sio_next_refuse(next, "not this one", "{s:i}", "code", 7);
    else if (strcmp(event, "slow") == 0 && held_count < sizeof(held) / sizeof(*held))
        held[held_count++] = next;
    else
        sio_next_pass(next);
}

static void second(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                   void *data)
{
    (void)socket;
    (void)data;
    if (strcmp(event, "journal") != 0)
        note_args("second", event, args);
    sio_next_pass(next);
}

static void on_release(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    for (size_t i = 0; i < held_count; i++)
        sio_next_pass(held[i]);
    held_count = 0;
    sio_ack_send(ack, NULL);
}

static void on_error(sio_socket *socket, const char *message, const sio_value *value, void *data)
{
    (void)socket;
    (void)data;
    note("error %s %lld", message, (long long)sio_value_int(sio_value_get(value, "code")));
}

/* ---- leaving ---- */

static void on_disconnecting(sio_socket *socket, const char *reason, void *data)
{
    note("%s %s, %zu rooms", (const char *)data, reason, sio_socket_room_count(socket));
}

/* ---- what it does when it is told ---- */

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    (void)args;
    static const char bytes[] = { 1, 2 };
    sio_socket_emit(socket, "said", "is", 1, "two");
    sio_namespace_emit(sio_socket_namespace(socket), NULL, "to all", "B", bytes, sizeof(bytes));
    sio_socket_broadcast(socket, NULL, "to others", NULL);
    sio_socket_send_message(socket, "s", "sent");
    sio_ack_send(ack, NULL);
}

static void on_join(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)data;
    int err = sio_socket_join_rooms(socket, SIO_ROOMS("a", "b", "c"));
    sio_socket_leave_rooms(socket, SIO_ROOMS("c"));
    sio_ack_send(ack, "i", err ? err : (int)sio_socket_room_count(socket));
}

static void on_handshake(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)data;
    sio_value *handshake;
    if (sio_socket_handshake(socket, &handshake))
        abort();
    sio_ack_send(ack, "v", handshake);
    sio_value_free(handshake);
}

static void on_conn(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)data;
    const sio_client *client = sio_socket_client(socket);
    sio_ack_send(ack, "{s:s,s:i,s:s,s:s}", "transport", sio_client_transport(client), "protocol",
                 sio_client_protocol(client), "readyState", sio_client_state(client),
                 "remoteAddress", sio_client_address(client));
}

static void on_listeners(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)data;
    sio_ack_send(ack, "ii", (int)sio_socket_listeners_any(socket, NULL, 0),
                 (int)sio_socket_listeners_any_outgoing(socket, NULL, 0));
}

static void on_close(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)ack;
    (void)data;
    sio_client_close(sio_socket_client(socket));
}

static const struct {
    const char *name;
    sio_event_cb callback;
} events[] = {
    { "journal", on_journal }, { "forget", on_forget }, { "release", on_release },
    { "say", on_say },         { "join", on_join },     { "handshake", on_handshake },
    { "conn", on_conn },       { "close", on_close },   { "listeners", on_listeners },
};

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    static char any[] = "any", first[] = "first", out[] = "out", out_first[] = "out first";
    static char once[] = "once", twice[] = "twice", bad[] = "bad", slow[] = "slow";
    static char disconnecting[] = "disconnecting", disconnect[] = "disconnect";
    int err = sio_socket_on_any(socket, on_any, any);
    err |= sio_socket_prepend_any(socket, on_first, first);
    err |= sio_socket_on_any_outgoing(socket, on_any, out);
    err |= sio_socket_prepend_any_outgoing(socket, on_any, out_first);
    err |= sio_socket_use(socket, filter, NULL) | sio_socket_use(socket, second, NULL);
    err |= sio_socket_on_error(socket, on_error, NULL);
    err |= sio_socket_once(socket, "once", on_event, once);
    err |= sio_socket_on(socket, "twice", on_event, twice);
    err |= sio_socket_on(socket, "twice", on_event, twice);
    err |= sio_socket_on(socket, "bad", on_event, bad);
    err |= sio_socket_on(socket, "slow", on_event, slow);
    err |= sio_socket_on_disconnecting(socket, on_disconnecting, disconnecting);
    sio_socket_on_disconnect(socket, on_disconnecting, disconnect);
    if (err)
        abort();
    sio_socket_emit(socket, "auth", "{}");
}

/* ---- events of the connection ---- */

static void on_packet(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)client;
    if (packet->type != SIO_ENGINE_MESSAGE)
        note("%s %s", (const char *)data, packet->type == SIO_ENGINE_PONG ? "pong" : "other");
}

static void on_create(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)client;
    (void)data;
    if (packet->type == SIO_ENGINE_PING)
        note("create ping");
}

static void on_upgrading(sio_client *client, void *data)
{
    (void)data;
    note("upgrading %s", sio_client_transport(client));
}

static void on_upgrade(sio_client *client, void *data)
{
    (void)data;
    note("upgrade %s", sio_client_transport(client));
}

static void on_heartbeat(sio_client *client, void *data)
{
    (void)client;
    (void)data;
    note("heartbeat");
}

static void on_end(sio_client *client, const char *reason, const char *description, void *data)
{
    (void)client;
    (void)description;
    (void)data;
    note("close %s", reason);
}

static void on_client(sio_server *server, sio_client *client, void *data)
{
    static char packet[] = "packet";
    static const sio_client_events told = {
        .packet = on_packet,
        .packet_create = on_create,
        .upgrading = on_upgrading,
        .upgrade = on_upgrade,
        .heartbeat = on_heartbeat,
        .close = on_end,
    };
    (void)server;
    (void)data;
    note("connection %s", sio_client_transport(client));
    if (sio_client_on(client, &told, packet))
        abort();
}

int main(int argc, char **argv)
{
    node_flags flags;
    if (!node_flags_read(&flags, argc, argv))
        return 2;
    char error[128] = "";
    sio_server_options options = flags.server;
    options.no_client_files = true;
    options.on_client = on_client;
    options.error = error;
    options.error_size = sizeof(error);
    sio_server *server;
    int err = sio_server_new(&server, &options);
    if (err) {
        fprintf(stderr, "sio-eventnode: %s\n", error);
        return 1;
    }
    sio_namespace *nsp = sio_server_of(server, "/");
    sio_namespace_on_connection(nsp, on_connection, NULL);
    for (size_t i = 0; !err && i < sizeof(events) / sizeof(*events); i++)
        err = sio_namespace_on(nsp, events[i].name, events[i].callback, NULL);
    if (!err)
        err = node_listen(server, &flags);
    if (!err) {
        printf("listening %u\n", (unsigned)sio_server_port(server));
        fflush(stdout);
        err = sio_server_run(server);
    }
    sio_server_free(server);
    free(journal.text);
    return err ? 1 : 0;
}
