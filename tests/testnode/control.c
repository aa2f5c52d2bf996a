#include <inttypes.h>
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
        /* there is room for the bracket, and the next item overwrites it */
        of->disconnects[of->disconnects_len] = ']';
        err = sio_value_from_json(&list, of->disconnects, of->disconnects_len + 1);
    }
    if (err)
        refuse(request->ack, "disconnects:", sio_err_message(err));
    else
        sio_ack_send(request->ack, "{s:b,s:v}", "ok", 1, "disconnects", list);
    sio_value_free(list);
}

#define COUNTER(name)                                                                              \
    {                                                                                              \
#name, offsetof(sio_server_stats, name)                                                    \
    }
#define CLUSTER_COUNTER(name)                                                                      \
    {                                                                                              \
#name, offsetof(sio_server_stats, cluster.name)                                            \
    }

static const struct {
    const char *name;
    size_t field; /* offset of an uint64_t */
} counters[] = {
    COUNTER(clients),
    COUNTER(clients_websocket),
    COUNTER(sockets),
    COUNTER(handshakes),
    COUNTER(messages_in),
    COUNTER(messages_out),
    COUNTER(broadcasts),
    COUNTER(deflated),
    COUNTER(volatile_lost),
    COUNTER(drained),
    COUNTER(overflows),
    CLUSTER_COUNTER(published),
    CLUSTER_COUNTER(published_lost),
    CLUSTER_COUNTER(received),
    CLUSTER_COUNTER(own),
    CLUSTER_COUNTER(elsewhere),
    CLUSTER_COUNTER(malformed),
    CLUSTER_COUNTER(delivered),
    CLUSTER_COUNTER(connects),
    CLUSTER_COUNTER(queued_bytes),
};

static void stats(const control_request *request)
{
    sio_server_stats now;
    sio_server_stats_get(request->of->node->server, &now);
    char json[2048];
    int len = snprintf(json, sizeof(json), "{\"ok\":true");
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        uint64_t number = *(const uint64_t *)((const char *)&now + counters[i].field);
        len += snprintf(json + len, sizeof(json) - (size_t)len, ",\"%s\":%" PRIu64,
                        counters[i].name, number);
    }
    len += snprintf(json + len, sizeof(json) - (size_t)len, "}");
    sio_value *reply = NULL;
    int err = sio_value_from_json(&reply, json, (size_t)len);
    if (err)
        refuse(request->ack, "stats:", sio_err_message(err));
    else
        sio_ack_send(request->ack, "v", reply);
    sio_value_free(reply);
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
