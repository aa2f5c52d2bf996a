#include "core/server_side.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/args.h"
#include "core/namespace.h"
#include "core/question.h"
#include "core/service.h"

/* ---- to the other nodes ---- */

/* What a namespace of socket.io emits by itself. */
static int check(const char *event)
{
    if (!event)
        return SIO_EINVAL;
    static const char *const reserved[] = { "connect", "connection", "new_namespace" };
    for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
        if (strcmp(event, reserved[i]) == 0)
            return SIO_ERESERVED;
    return 0;
}

/* `question` NULL: no answer is wanted. */
static int emit(sio_namespace *nsp, sio_question *question, const char *event, const char *format,
                va_list arguments)
{
    sio_adapter *adapter = nsp->server->adapter;
    sio_arena arena = sio_core_borrow(nsp->server);
    sio_cluster_request request = { .op = SIO_CLUSTER_SERVER_SIDE_EMIT,
                                    .nsp = sio_namespace_str(nsp) };
    int err = sio_value_pack(&arena, &request.data, event, format ? format : "", arguments);
    if (!err && question)
        sio_question_put(question, &request);
    else if (!err && adapter)
        err = adapter->ops->tell(adapter, &request);
    sio_core_give_back(nsp->server, &arena);
    return err;
}

int sio_namespace_server_side_emit(sio_namespace *nsp, const char *event, const char *format, ...)
{
    int err = check(event);
    if (err || (err = sio_namespace_check(nsp)))
        return err;
    va_list arguments;
    va_start(arguments, format);
    err = emit(nsp, NULL, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_namespace_server_side_emit_ack(sio_namespace *nsp, uint32_t timeout_ms,
                                       sio_answers_cb callback, void *data, const char *event,
                                       const char *format, ...)
{
    sio_question *question;
    const sio_question_options options = { nsp, SIO_CLUSTER_SERVER_SIDE_EMIT, timeout_ms, callback,
                                           data };
    int err = check(event);
    if (err || (err = sio_question_new(&question, &options)))
        return err;
    va_list arguments;
    va_start(arguments, format);
    err = emit(nsp, question, event, format, arguments);
    va_end(arguments);
    if (err)
        sio_question_cancel(question);
    return err;
}

/* ---- their answers ---- */

struct sio_server_side_ack {
    sio_service *service; /* NULL: the other node waits no longer, or has its answer */
    uint32_t refs;
    bool sent;
};

sio_server_side_ack *sio_server_side_ack_ref(sio_server_side_ack *ack)
{
    if (ack)
        ack->refs++;
    return ack;
}

/* Nobody can answer any more: the other node need not be waited for. */
void sio_server_side_ack_unref(sio_server_side_ack *ack)
{
    if (!ack || --ack->refs > 0)
        return;
    if (ack->service)
        sio_service_end(ack->service);
    sio_mem_free(ack);
}

int sio_server_side_ack_send(sio_server_side_ack *ack, const char *format, ...)
{
    static const sio_value none = { .type = SIO_TYPE_UNDEFINED };
    if (!ack)
        return 0;
    if (ack->sent)
        return SIO_EEXISTS;
    if (!ack->service)
        return SIO_ECLOSED;
    sio_arena arena = { 0 };
    sio_value values;
    va_list arguments;
    va_start(arguments, format);
    const int err = sio_value_pack(&arena, &values, NULL, format ? format : "", arguments);
    va_end(arguments);
    if (!err) {
        ack->sent = true;
        sio_service_answer(ack->service, values.count ? &values.as.items[0] : &none);
        sio_service_end(ack->service);
    }
    sio_arena_free(&arena);
    return err;
}

/* ---- from the other nodes ---- */

struct sio_server_side_listener {
    struct sio_server_side_listener *next;
    sio_server_side_cb callback;
    void *data;
    bool all; /* events */
    char event[];
};

int sio_namespace_on_server_side_emit(sio_namespace *nsp, const char *event,
                                      sio_server_side_cb callback, void *data)
{
    if (!callback)
        return SIO_EINVAL;
    const size_t len = event ? strlen(event) : 0;
    struct sio_server_side_listener **last = &nsp->server_side;
    struct sio_server_side_listener *listener = sio_mem_zalloc(sizeof(*listener) + len + 1);
    if (!listener)
        return SIO_ENOMEM;
    listener->callback = callback;
    listener->data = data;
    listener->all = !event;
    if (len)
        memcpy(listener->event, event, len);
    while (*last)
        last = &(*last)->next;
    *last = listener;
    return 0;
}

void sio_server_side_free(struct sio_server_side_listener *listeners)
{
    while (listeners) {
        struct sio_server_side_listener *next = listeners->next;
        sio_mem_free(listeners);
        listeners = next;
    }
}

/* A listener that is added meanwhile hears of the next event. */
static void call(const struct sio_server_side_listener *first, sio_namespace *nsp,
                 const char *event, const sio_args *args, sio_server_side_ack *ack)
{
    const struct sio_server_side_listener *last = first;
    while (last && last->next)
        last = last->next;
    for (const struct sio_server_side_listener *at = first; at; at = at->next) {
        if (at->all || strcmp(at->event, event) == 0)
            at->callback(nsp, event, args, ack, at->data);
        if (at == last)
            break;
    }
}

static void dispatch(sio_namespace *nsp, const char *event, const sio_args *args,
                     sio_server_side_ack *ack)
{
    sio_core_enter(nsp->server);
    if (nsp->parent)
        call(nsp->parent->server_side, nsp, event, args, ack);
    call(nsp->server_side, nsp, event, args, ack);
    sio_core_leave(nsp->server);
}

static sio_server_side_ack *ack_new(sio_namespace *nsp, const sio_cluster_request *request,
                                    sio_answerer *answerer)
{
    sio_service *service = sio_service_new(nsp->server, answerer, request->timeout_ms);
    if (!service)
        return NULL;
    sio_server_side_ack *ack = sio_mem_zalloc(sizeof(*ack));
    if (!ack) {
        sio_service_end(service);
        return NULL;
    }
    ack->refs = 1;
    sio_service_point(service, &ack->service);
    return ack;
}

void sio_server_side_receive(sio_namespace *nsp, const sio_cluster_request *request,
                             sio_answerer *answerer)
{
    const char *event = sio_value_string(sio_value_at(&request->data, 0), NULL);
    const sio_args args = sio_args_from(&request->data, 1);
    sio_server_side_ack *ack = NULL;
    if (!event) {
        if (answerer)
            answerer->end(answerer);
        return;
    }
    if (answerer && !(ack = ack_new(nsp, request, answerer)))
        return;
    dispatch(nsp, event, &args, ack);
    sio_server_side_ack_unref(ack);
}
