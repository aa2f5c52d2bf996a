#include <stdio.h>
#include <string.h>

#include "names.h"
#include "node.h"

/* One operation on the node: what it needs, in one place. */
typedef struct control_request {
    node_namespace *of;
    const sio_value *fields;
    sio_ack *ack;
} control_request;

static void refuse(sio_ack *ack, const char *subject, const char *problem)
{
    char error[160];
    snprintf(error, sizeof(error), "%.80s %s", subject, problem);
    sio_ack_send(ack, "{s:b,s:s}", "ok", 0, "error", error);
}

static unsigned flags_of(const sio_value *flags)
{
    const sio_value *compress = sio_value_get(flags, "compress");
    bool plain = sio_value_type(compress) == SIO_TYPE_BOOL && !sio_value_bool(compress);
    return (sio_value_bool(sio_value_get(flags, "volatile")) ? SIO_VOLATILE : 0) |
           (sio_value_bool(sio_value_get(flags, "local")) ? SIO_LOCAL : 0) |
           (plain ? SIO_UNCOMPRESSED : 0);
}

static void emit(const control_request *request)
{
    const char *event = sio_value_string(sio_value_get(request->fields, "event"), NULL);
    char **rooms = names_new(sio_value_get(request->fields, "rooms"));
    char **except = names_new(sio_value_get(request->fields, "except"));
    sio_target target = {
        .rooms = rooms && *rooms ? (const char *const *)rooms : NULL,
        .except = (const char *const *)except,
        .flags = flags_of(sio_value_get(request->fields, "flags")),
    };
    int err = event && rooms && except ? 0 : SIO_EINVAL;
    if (!err)
        err = sio_namespace_emit(request->of->nsp, &target, event, "V",
                                 sio_value_get(request->fields, "args"));
    names_free(rooms);
    names_free(except);
    if (err)
        refuse(request->ack, "emit:", sio_err_message(err));
    else
        sio_ack_send(request->ack, "{s:b}", "ok", 1);
}

static void disconnects(const control_request *request)
{
    node_namespace *of = request->of;
    sio_value *list = NULL;
    int err;
    if (of->disconnects_len == 0) {
        err = sio_value_new(&list, "[]");
    } else {
        of->disconnects[of->disconnects_len] =
            ']'; /* there is room for it, and the next item overwrites it */
        err = sio_value_from_json(&list, of->disconnects, of->disconnects_len + 1);
    }
    if (err)
        refuse(request->ack, "disconnects:", sio_err_message(err));
    else
        sio_ack_send(request->ack, "{s:b,s:v}", "ok", 1, "disconnects", list);
    sio_value_free(list);
}

static void stats(const control_request *request)
{
    sio_server_stats now;
    sio_server_stats_get(request->of->node->server, &now);
    const sio_cluster_stats *cluster = &now.cluster;
    sio_ack_send(
        request->ack,
        "{s:b, s:I,s:I,s:I, s:I,s:I,s:I, s:I,s:I,s:I, s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "ok",
        1, "clients", (int64_t)now.clients, "clients_websocket", (int64_t)now.clients_websocket,
        "sockets", (int64_t)now.sockets, "handshakes", (int64_t)now.handshakes, "messages_in",
        (int64_t)now.messages_in, "messages_out", (int64_t)now.messages_out, "broadcasts",
        (int64_t)now.broadcasts, "volatile_lost", (int64_t)now.volatile_lost, "overflows",
        (int64_t)now.overflows, "published", (int64_t)cluster->published, "published_lost",
        (int64_t)cluster->published_lost, "received", (int64_t)cluster->received, "own",
        (int64_t)cluster->own, "elsewhere", (int64_t)cluster->elsewhere, "malformed",
        (int64_t)cluster->malformed, "delivered", (int64_t)cluster->delivered, "connects",
        (int64_t)cluster->connects, "queued_bytes", (int64_t)cluster->queued_bytes);
}

static const struct {
    const char *name;
    void (*run)(const control_request *request);
} operations[] = {
    { "emit", emit },
    { "disconnects", disconnects },
    { "stats", stats },
};

void node_control(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const sio_value *fields = sio_args_at(args, 0);
    const char *op = sio_value_string(sio_value_get(fields, "op"), NULL);
    const char *nsp = sio_value_string(sio_value_get(fields, "nsp"), NULL);
    if (!nsp)
        nsp = sio_namespace_name(sio_socket_namespace(socket));
    control_request request = { .of = node_find(data, nsp), .fields = fields, .ack = ack };
    if (!request.of) {
        refuse(ack, nsp, "is no namespace of this node");
        return;
    }
    for (size_t i = 0; op && i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].name, op) == 0) {
            operations[i].run(&request);
            return;
        }
    refuse(ack, op ? op : "no op", "is not supported by this build");
}
