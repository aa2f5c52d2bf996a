#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

static int append(sio_value **array, const sio_value *item)
{
    sio_value *longer;
    int err = sio_value_new(&longer, "[Vv]", *array, item);
    if (err)
        return err;
    sio_value_free(*array);
    *array = longer;
    return 0;
}

/* ---- events that answer ---- */

static void on_message(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    sio_socket_emit(socket, "message-back", "V", sio_args_array(args));
}

static void on_message_with_ack(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    sio_ack_send(ack, "V", sio_args_array(args));
}

static void on_echo(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    if (ack)
        sio_ack_send(ack, "V", sio_args_array(args));
    else
        sio_socket_emit(socket, "echo", "V", sio_args_array(args));
}

/* ---- rooms ---- */

static void on_join(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    char **rooms = names_new(sio_args_at(args, 0));
    for (char **room = rooms; room && *room; room++)
        sio_socket_join(socket, *room);
    names_free(rooms);
    sio_ack_send(ack, NULL);
}

static void on_leave(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    char **rooms = names_new(sio_args_at(args, 0));
    for (char **room = rooms; room && *room; room++)
        sio_socket_leave(socket, *room);
    names_free(rooms);
    sio_ack_send(ack, NULL);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int rooms_sorted(sio_socket *socket, sio_value **out)
{
    size_t count = sio_socket_room_count(socket);
    const char **rooms = calloc(count + 1, sizeof(*rooms));
    if (!rooms)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++)
        rooms[i] = sio_socket_room_at(socket, i);
    qsort(rooms, count, sizeof(*rooms), by_text);
    int err = sio_value_new(out, "[]");
    for (size_t i = 0; !err && i < count; i++) {
        sio_value *room = NULL;
        err = sio_value_new(&room, "s", rooms[i]);
        if (!err)
            err = append(out, room);
        sio_value_free(room);
    }
    free(rooms);
    return err;
}

static void on_rooms(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_value *rooms = NULL;
    if (!rooms_sorted(socket, &rooms))
        sio_ack_send(ack, "v", rooms);
    sio_value_free(rooms);
}

/* ---- events to others ---- */

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    char **rooms = names_new(sio_args_at(args, 0));
    sio_target target = { .rooms = (const char *const *)rooms };
    if (rooms && *rooms)
        sio_socket_broadcast(socket, &target, "said", "V#", sio_args_array(args), (size_t)1);
    names_free(rooms);
}

static void on_shout(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    sio_socket_broadcast(socket, NULL, "shouted", "V", sio_args_array(args));
}

static void on_bye(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    sio_socket_disconnect(socket, sio_args_bool(args, 0));
}

/* ---- coming and going ---- */

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    const sio_value *auth = sio_socket_auth(socket);
    sio_socket_emit(socket, "auth", auth ? "v" : "{}", auth);
}

/* A node that runs for long remembers the newest only: the older half goes. */
static void forget_disconnects(node_namespace *of)
{
    enum { MOST = 4 * 1024 };
    const char *rest =
        of->disconnects_len > MOST ? strstr(of->disconnects + MOST / 2, ",[\"") : NULL;
    if (!rest)
        return;
    size_t kept = of->disconnects_len - (size_t)(rest + 1 - of->disconnects);
    memmove(of->disconnects + 1, rest + 1, kept + 1);
    of->disconnects_len = kept + 1;
}

static void on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    node_namespace *of = node_find(data, sio_namespace_name(sio_socket_namespace(socket)));
    const char *id = sio_socket_id(socket);
    if (!of)
        return;
    node_log(of->node, "%s: %s disconnected: %s", sio_namespace_name(of->nsp), id, reason);
    size_t more = strlen(id) + strlen(reason) + sizeof(",[\"\",\"\"]]");
    char *longer = realloc(of->disconnects, of->disconnects_len + more);
    if (!longer)
        return;
    of->disconnects = longer;
    of->disconnects_len += (size_t)snprintf(longer + of->disconnects_len, more, "%s[\"%s\",\"%s\"]",
                                            of->disconnects_len ? "," : "[", id, reason);
    forget_disconnects(of);
}

static void authorize(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    const char *token = sio_value_string(sio_value_get(sio_socket_auth(socket), "token"), NULL);
    if (token && strcmp(token, "secret") == 0)
        sio_next_pass(next);
    else
        sio_next_refuse(next, "not authorized", "{s:i}", "code", 401);
}

/* ---- the node ---- */

static const struct {
    const char *name;
    sio_event_cb callback;
} events[] = {
    { "message", on_message }, { "message-with-ack", on_message_with_ack },
    { "echo", on_echo },       { "join", on_join },
    { "leave", on_leave },     { "rooms", on_rooms },
    { "say", on_say },         { "shout", on_shout },
    { "bye", on_bye },         { "ctl", node_control },
};

static int serve(testnode *node, sio_namespace *nsp)
{
    if (!nsp)
        return SIO_ENOMEM;
    sio_namespace_on_connection(nsp, on_connection, node);
    sio_namespace_on_disconnect(nsp, on_disconnect, node);
    int err = sio_namespace_on_server_side_emit(nsp, NULL, node_on_server_side, node);
    for (size_t i = 0; !err && i < sizeof(events) / sizeof(events[0]); i++)
        err = sio_namespace_on(nsp, events[i].name, events[i].callback, node);
    return err;
}

int node_serve(testnode *node)
{
    static const char *const names[] = { "/", "/custom", "/auth" };
    sio_namespace *dynamic;
    int err = 0;
    for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++)
        err = serve(node, sio_server_of(node->server, names[i]));
    node_on_namespace(node->server, sio_server_of(node->server, "/"), node);
    if (!err)
        err = sio_namespace_use(sio_server_of(node->server, "/auth"), authorize, NULL);
    if (!err)
        err = sio_server_of_pattern(node->server, &dynamic, "^/dynamic-[0-9]+$");
    return err ? err : serve(node, dynamic);
}

void node_on_namespace(sio_server *server, sio_namespace *nsp, void *data)
{
    (void)server;
    testnode *node = data;
    node_namespace *of = calloc(1, sizeof(*of));
    if (!of)
        return;
    *of = (node_namespace){ .next = node->namespaces, .node = node, .nsp = nsp };
    node->namespaces = of;
}

void node_free(testnode *node)
{
    while (node->namespaces) {
        node_namespace *of = node->namespaces;
        node->namespaces = of->next;
        free(of->disconnects);
        sio_value_free(of->events);
        free(of);
    }
}

static node_namespace *find(const testnode *node, const char *name)
{
    node_namespace *of = node->namespaces;
    while (of && strcmp(sio_namespace_name(of->nsp), name) != 0)
        of = of->next;
    return of;
}

static bool is_dynamic(const char *name)
{
    static const char prefix[] = "/dynamic-";
    const size_t len = sizeof(prefix) - 1;
    return strncmp(name, prefix, len) == 0 && name[len] &&
           !name[len + strspn(name + len, "0123456789")];
}

node_namespace *node_find(testnode *node, const char *name)
{
    node_namespace *of = find(node, name);
    if (!of && is_dynamic(name) && sio_server_of(node->server, name))
        of = find(node, name);
    return of;
}

void node_log(const testnode *node, const char *format, ...)
{
    va_list arguments;
    if (node->quiet)
        return;
    va_start(arguments, format);
    fprintf(stderr, "[%s] ", node->name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}
