/* Operations that ask several clients or nodes, and answer later. */
#include <stdlib.h>

#include "control.h"

/* The acknowledgement that waits for the answers. */
typedef struct waiting {
    sio_ack *ack;    /* shared */
    const char *key; /* of the reply: where the values go */
    bool one;        /* the first value, not the list */
    bool missing;    /* a failure says how many nodes did not answer */
} waiting;

static waiting *wait_for(const control_request *request, const char *key)
{
    waiting *self = calloc(1, sizeof(*self));
    if (self)
        *self = (waiting){ .ack = sio_ack_ref(request->ack), .key = key };
    return self;
}

static void wait_end(waiting *self)
{
    sio_ack_unref(self->ack);
    free(self);
}

static void on_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    waiting *self = data;
    (void)nsp;
    if (answers->error && self->missing)
        sio_ack_send(self->ack, "{s:b,s:s,s:v,s:i}", "ok", 0, "error",
                     sio_err_message(answers->error), self->key, answers->values, "missing",
                     (int)answers->missing_nodes);
    else if (answers->error)
        sio_ack_send(self->ack, "{s:b,s:s,s:v}", "ok", 0, "error", sio_err_message(answers->error),
                     self->key, answers->values);
    else
        sio_ack_send(self->ack, "{s:b,s:v}", "ok", 1, self->key,
                     self->one ? sio_value_at(answers->values, 0) : answers->values);
    wait_end(self);
}

static void put(const control_request *request, waiting *self, const char *subject, int err)
{
    if (!err)
        return;
    control_refuse(request, subject, sio_err_message(err));
    if (self)
        wait_end(self);
}

void control_emit_with_ack(const control_request *request)
{
    const char *event = control_event(request);
    const int64_t timeout = sio_value_int(sio_value_get(request->fields, "timeout"));
    waiting *self = wait_for(request, "responses");
    control_target to;
    int err = control_target_read(&to, request);
    if (timeout || !to.target.timeout_ms)
        to.target.timeout_ms = timeout ? (uint32_t)timeout : 5000;
    if (!err && self)
        err = sio_namespace_emit_ack(request->of->nsp, &to.target, on_answers, self, event, "V",
                                     sio_value_get(request->fields, "args"));
    control_target_free(&to);
    put(request, self, "emitWithAck:", self ? err : SIO_ENOMEM);
}

void control_fetch_sockets(const control_request *request)
{
    waiting *self = wait_for(request, "sockets");
    control_target to;
    int err = control_target_read(&to, request);
    if (!err && self) {
        self->missing = true;
        err = sio_namespace_fetch_sockets(request->of->nsp, &to.target, on_answers, self);
    }
    control_target_free(&to);
    put(request, self, "fetchSockets:", self ? err : SIO_ENOMEM);
}

void control_all_rooms(const control_request *request)
{
    waiting *self = wait_for(request, "rooms");
    int err = SIO_ENOMEM;
    if (self) {
        self->missing = true;
        err = sio_namespace_all_rooms(request->of->nsp, 0, on_answers, self);
    }
    put(request, self, "allRooms:", err);
}

void control_server_count(const control_request *request)
{
    waiting *self = wait_for(request, "count");
    int err = SIO_ENOMEM;
    if (self) {
        self->one = true;
        err = sio_namespace_server_count(request->of->nsp, 0, on_answers, self);
    }
    put(request, self, "serverCount:", err);
}

void control_server_side_emit(const control_request *request)
{
    const char *event = control_event(request);
    const sio_value *args = sio_value_get(request->fields, "args");
    sio_namespace *nsp = request->of->nsp;
    if (!sio_value_bool(sio_value_get(request->fields, "ack"))) {
        control_end(request,
                    "serverSideEmit:", sio_namespace_server_side_emit(nsp, event, "V", args));
        return;
    }
    waiting *self = wait_for(request, "responses");
    int err = SIO_ENOMEM;
    if (self)
        err = sio_namespace_server_side_emit_ack(nsp, 0, on_answers, self, event, "V", args);
    put(request, self, "serverSideEmit:", err);
}
