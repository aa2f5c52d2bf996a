#include "core/ask.h"

#include <sio/err.h>

#include "core/broadcast.h"
#include "core/namespace.h"
#include "core/question.h"
#include "core/service.h"
#include "core/target.h"

static int ask(sio_question *question, sio_arena *arena, sio_namespace *nsp,
               const sio_target *target, const sio_value *data)
{
    sio_selection selection;
    sio_cluster_request request;
    uint32_t asked = 0;
    int err = sio_target_select(arena, nsp, target, &selection);
    if (!err)
        err = sio_target_request(arena, nsp, &selection, SIO_CLUSTER_BROADCAST_ACK, &request);
    if (!err)
        err = sio_broadcast_check(nsp, data);
    if (!err)
        err = sio_broadcast_ask(nsp, &selection, data, target->flags, sio_question_ballot(question),
                                &asked);
    if (err)
        return err;
    request.data = *data;
    request.flags = sio_target_flags(target->flags);
    sio_question_clients(question, asked);
    sio_question_put(question, sio_target_is_local(target) ? NULL : &request);
    return 0;
}

static int emit(sio_question *question, sio_namespace *nsp, const sio_target *target,
                const char *event, const char *format, va_list arguments)
{
    sio_value data;
    sio_arena arena = sio_core_borrow(nsp->server);
    int err = sio_value_pack(&arena, &data, event, format ? format : "", arguments);
    if (!err)
        err = ask(question, &arena, nsp, target, &data);
    sio_core_give_back(nsp->server, &arena);
    return err;
}

int sio_namespace_emit_ack(sio_namespace *nsp, const sio_target *target, sio_answers_cb callback,
                           void *data, const char *event, const char *format, ...)
{
    static const sio_target everyone = { 0 };
    sio_question *question;
    if (!event)
        return SIO_EINVAL;
    if (sio_packet_reserved(sio_str_from(event)))
        return SIO_ERESERVED;
    if (!target)
        target = &everyone;
    const sio_question_options options = { nsp, SIO_CLUSTER_BROADCAST_ACK, target->timeout_ms,
                                           callback, data };
    int err = sio_question_new(&question, &options);
    if (err)
        return err;
    va_list arguments;
    va_start(arguments, format);
    err = emit(question, nsp, target, event, format, arguments);
    va_end(arguments);
    if (err)
        sio_question_cancel(question);
    return err;
}

void sio_ask_for(sio_namespace *nsp, const sio_cluster_request *request, sio_answerer *answerer)
{
    sio_server *server = nsp->server;
    const sio_selection selection = sio_target_requested(request);
    const unsigned flags = (request->flags.is_volatile ? SIO_VOLATILE : 0) |
                           (request->flags.no_compress ? SIO_UNCOMPRESSED : 0);
    uint32_t asked = 0;
    sio_service *service = sio_service_new(server, answerer, request->timeout_ms);
    if (!service)
        return;
    const int err = sio_broadcast_ask(nsp, &selection, &request->data, flags,
                                      sio_service_ballot(service), &asked);
    if (err)
        SIO_CORE_LOG(server, SIO_LOG_WARN, SIO_LOG_ADAPTER,
                     "a question of the cluster was not put to clients: %s", sio_err_message(err));
    sio_service_clients(service, asked);
}
