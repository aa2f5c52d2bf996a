#include "control.h"

#include <stdio.h>
#include <string.h>

#include <sio/tls.h>

#include "names.h"

/* ---- answers ---- */

void control_done(const control_request *request)
{
    sio_ack_send(request->ack, "{s:b}", "ok", 1);
}

void control_refuse(const control_request *request, const char *subject, const char *problem)
{
    char error[160];
    snprintf(error, sizeof(error), "%.80s %s", subject, problem);
    sio_ack_send(request->ack, "{s:b,s:s}", "ok", 0, "error", error);
}

void control_end(const control_request *request, const char *subject, int err)
{
    if (err)
        control_refuse(request, subject, sio_err_message(err));
    else
        control_done(request);
}

/* ---- what is asked for ---- */

const char *control_event(const control_request *request)
{
    return sio_value_string(sio_value_get(request->fields, "event"), NULL);
}

static unsigned flags_of(const sio_value *flags)
{
    const sio_value *compress = sio_value_get(flags, "compress");
    bool plain = sio_value_type(compress) == SIO_TYPE_BOOL && !sio_value_bool(compress);
    return (sio_value_bool(sio_value_get(flags, "volatile")) ? SIO_VOLATILE : 0) |
           (sio_value_bool(sio_value_get(flags, "local")) ? SIO_LOCAL : 0) |
           (plain ? SIO_UNCOMPRESSED : 0);
}

int control_target_read(control_target *out, const control_request *request)
{
    const sio_value *flags = sio_value_get(request->fields, "flags");
    char **rooms = names_new(sio_value_get(request->fields, "rooms"));
    char **except = names_new(sio_value_get(request->fields, "except"));
    *out = (control_target){
        .target = { .rooms = rooms && *rooms ? (const char *const *)rooms : NULL,
                    .except = (const char *const *)except,
                    .flags = flags_of(flags),
                    .timeout_ms = (uint32_t)sio_value_int(sio_value_get(flags, "timeout")) },
        .rooms = rooms,
        .except = except,
    };
    return rooms && except ? 0 : SIO_ENOMEM;
}

void control_target_free(control_target *target)
{
    names_free(target->rooms);
    names_free(target->except);
}

/* ---- operations on this node ---- */

void control_emit(const control_request *request)
{
    const char *event = control_event(request);
    control_target to;
    int err = control_target_read(&to, request);
    if (!err)
        err = sio_namespace_emit(request->of->nsp, &to.target, event, "V",
                                 sio_value_get(request->fields, "args"));
    control_target_free(&to);
    control_end(request, "emit:", err);
}

void control_set_data(const control_request *request)
{
    const sio_value *data = sio_value_get(request->fields, "data");
    control_end(request, "setData:", sio_socket_set_data(request->socket, data ? "v" : NULL, data));
}

/* What the client's connection is, and whose. */
void control_peer(const control_request *request)
{
    const char *subject = sio_socket_subject(request->socket);
    sio_ack_send(request->ack, "{s:b,s:b,s:s}", "ok", 1, "secure",
                 sio_socket_secure(request->socket), "subject", subject ? subject : "");
}

void control_reload(const control_request *request)
{
    sio_server *server = sio_socket_server(request->socket);
    if (sio_server_reload_tls(server))
        control_refuse(request, "reload:", sio_server_error(server));
    else
        control_done(request);
}

void control_disconnects(const control_request *request)
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
        control_refuse(request, "disconnects:", sio_err_message(err));
    else
        sio_ack_send(request->ack, "{s:b,s:v}", "ok", 1, "disconnects", list);
    sio_value_free(list);
}

/* ---- which one ---- */

static const struct {
    const char *name;
    void (*run)(const control_request *request);
} operations[] = {
    { "emit", control_emit },
    { "emitWithAck", control_emit_with_ack },
    { "fetchSockets", control_fetch_sockets },
    { "allRooms", control_all_rooms },
    { "serverCount", control_server_count },
    { "socketsJoin", control_sockets_join },
    { "socketsLeave", control_sockets_leave },
    { "disconnectSockets", control_disconnect_sockets },
    { "serverSideEmit", control_server_side_emit },
    { "setData", control_set_data },
    { "events", control_events },
    { "disconnects", control_disconnects },
    { "stats", control_stats },
    { "peer", control_peer },
    { "reload", control_reload },
};

void node_control(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const sio_value *fields = sio_args_at(args, 0);
    const char *op = sio_value_string(sio_value_get(fields, "op"), NULL);
    const char *nsp = sio_value_string(sio_value_get(fields, "nsp"), NULL);
    if (!nsp)
        nsp = sio_namespace_name(sio_socket_namespace(socket));
    control_request request = { node_find(data, nsp), socket, fields, ack };
    if (!request.of) {
        control_refuse(&request, nsp, "is no namespace of this node");
        return;
    }
    for (size_t i = 0; op && i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].name, op) == 0) {
            operations[i].run(&request);
            return;
        }
    control_refuse(&request, op ? op : "no op", "is not supported by this build");
}
