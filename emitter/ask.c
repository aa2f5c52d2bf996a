#include <hiredis/hiredis.h>
#include <string.h>
#include <sys/random.h>

#include <sio/sys/limits.h>
#include <sio/sys/member.h>

#include "emitter.h"

#define CLASSIC_UID_SIZE 6

/* A question: what goes out, and what makes the command for it. */
typedef struct question {
    sio_cluster_op op;
    const sio_emitter_target *target;
    const char *event; /* of those that have one */
    const char *format;
    va_list *arguments;
    bool keep;
    uint32_t timeout_ms;
    char uid[SIO_MEMBER_UID_SIZE];
    char id[SIO_MEMBER_UID_SIZE];
} question;

/* Names that nobody else has: 64 bits of chance. */
static int name_it(sio_emitter *emitter, question *asked)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char random[SIO_MEMBER_UID_SIZE];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return sio_emitter_fail(emitter, SIO_ESYSTEM, "the system has no random numbers");
    for (size_t i = 0; i < sizeof random; i++) {
        asked->uid[i] = digits[random[i] >> 4];
        asked->id[i] = digits[random[i] & 15];
    }
    const bool classic = emitter->dispatch.adapter == SIO_EMITTER_CLASSIC;
    emitter->dispatch.uid = (sio_str){ asked->uid, classic ? CLASSIC_UID_SIZE : sizeof asked->uid };
    emitter->dispatch.id = (sio_str){ asked->id, sizeof asked->id };
    emitter->dispatch.timeout_ms = asked->timeout_ms;
    return 0;
}

static void unname(sio_emitter *emitter)
{
    emitter->dispatch.uid = emitter->dispatch.id = (sio_str){ NULL, 0 };
}

static int make(sio_emitter *emitter, const question *asked)
{
    sio_dispatch *dispatch = &emitter->dispatch;

    if (asked->op == SIO_CLUSTER_BROADCAST_ACK)
        return sio_dispatch_event(dispatch, asked->target, asked->event, asked->format,
                                  *asked->arguments);
    if (asked->op == SIO_CLUSTER_SERVER_SIDE_EMIT)
        return sio_dispatch_server_side(dispatch, asked->target, asked->event, asked->format,
                                        *asked->arguments);
    return sio_dispatch_order(dispatch, asked->target, asked->op, NULL, false);
}

/* ---- where answers go ---- */

/* From now on messages come between the replies, which they may do on one and the same connection
 * only as RESP3 has it. */
static int switch_protocol(sio_emitter *emitter)
{
    redisReply *reply;
    int err =
        sio_emitter_execute(emitter, (sio_str[]){ SIO_STR("HELLO"), SIO_STR("3") }, 2, &reply);

    if (!err)
        freeReplyObject(reply);
    else if (err == SIO_EREDIS && strstr(emitter->error, "unknown command"))
        err = sio_emitter_fail(emitter, SIO_EREDIS, "questions need Redis 6 or later");
    return err;
}

static bool is_message(const redisReply *push)
{
    return push->elements == 3 && push->element[0]->type == REDIS_REPLY_STRING &&
           push->element[2]->type == REDIS_REPLY_STRING &&
           (strcmp(push->element[0]->str, "message") == 0 ||
            strcmp(push->element[0]->str, "smessage") == 0);
}

/* Reads until the reply to the last command, or as many pushed confirmations, have come; what is
 * pushed goes to the collector. */
static int await_replies(sio_emitter *emitter, sio_collector *collector, size_t replies,
                         int64_t deadline)
{
    while (replies > 0) {
        redisReply *reply;
        int err = sio_emitter_read(emitter, &reply, deadline);

        if (err)
            return err;
        if (reply->type == REDIS_REPLY_ERROR)
            err = sio_emitter_refused(emitter, reply->str);
        else if (reply->type != REDIS_REPLY_PUSH || !is_message(reply))
            replies--;
        else if (collector)
            err = sio_collector_take(collector,
                                     (sio_str){ reply->element[2]->str, reply->element[2]->len });
        freeReplyObject(reply);
        if (err)
            return err;
    }
    return 0;
}

static int send_words(sio_emitter *emitter, int64_t deadline)
{
    const sio_dispatch *dispatch = &emitter->dispatch;
    sio_buf out = { 0 };
    size_t done;

    sio_emitter_encode(&out, dispatch->words, dispatch->count);
    int err = out.err ? sio_emitter_fail(emitter, out.err, "%s", sio_err_message(out.err))
                      : sio_emitter_write(emitter, out.data, out.len, deadline, &done);
    sio_buf_free(&out);
    return err == SIO_ECLOSED ? SIO_ECONNECT : err;
}

/* Before anything is asked: a question whose answers nobody hears does things in vain. */
static int hear(sio_emitter *emitter, const question *asked, int64_t deadline)
{
    int err = sio_emitter_made(emitter, sio_dispatch_hear(&emitter->dispatch, asked->target));

    if (!err)
        err = send_words(emitter, deadline);
    return err ? err : await_replies(emitter, NULL, emitter->dispatch.count - 1, deadline);
}

static int count_nodes(sio_emitter *emitter, const question *asked, uint32_t *nodes,
                       int64_t deadline)
{
    redisReply *reply = NULL;
    int err = sio_emitter_made(emitter, sio_dispatch_count(&emitter->dispatch, asked->target));

    if (!err)
        err = send_words(emitter, deadline);
    if (!err)
        err = sio_emitter_read(emitter, &reply, deadline);
    if (err)
        return err;
    if (reply->type == REDIS_REPLY_ERROR)
        err = sio_emitter_refused(emitter, reply->str);
    else
        *nodes = (uint32_t)sio_emitter_counted(reply);
    freeReplyObject(reply);
    return err;
}

/* ---- asking ---- */

/* One message more, or the time is over. */
static int await_message(sio_emitter *emitter, sio_collector *collector, int64_t deadline)
{
    redisReply *reply;
    int err = sio_emitter_read(emitter, &reply, deadline);

    if (err)
        return err;
    if (reply->type == REDIS_REPLY_PUSH && is_message(reply))
        err = sio_collector_take(collector,
                                 (sio_str){ reply->element[2]->str, reply->element[2]->len });
    freeReplyObject(reply);
    if (err)
        return sio_emitter_fail(emitter, err, "%s", sio_err_message(err));
    return 0;
}

/* Unless unsure is set then, an error means that nothing has been asked. */
static int put(sio_emitter *emitter, sio_collector *collector, int64_t deadline)
{
    int err = send_words(emitter, deadline);

    emitter->unsure = !err;
    if (!err)
        err = await_replies(emitter, collector, 1, deadline);
    if (err == SIO_EAUTH || err == SIO_EREDIS)
        emitter->unsure = false;
    return err;
}

static int collect(sio_emitter *emitter, sio_collector *collector, int64_t deadline)
{
    int err = 0;

    while (!err && !sio_collector_is_complete(collector))
        err = await_message(emitter, collector, deadline);
    return err;
}

static int put_and_collect(sio_emitter *emitter, const question *asked, sio_collector *collector,
                           sio_emitter_answers **out)
{
    const int64_t begin = sio_emitter_now_ms();
    int err;

    emitter->reply_max = SIO_LIMIT_ANSWERS;
    err = put(emitter, collector, begin + emitter->timeout_ms);
    const bool unasked = err && !emitter->unsure;
    if (!err)
        err = collect(emitter, collector, begin + asked->timeout_ms);
    emitter->reply_max = SIO_LIMIT_REDIS_REPLY;
    *out = sio_collector_end(collector);
    if (unasked) {
        sio_emitter_answers_free(*out);
        *out = NULL;
    }
    return err;
}

static int ask(sio_emitter *emitter, const question *asked, sio_emitter_answers **out)
{
    const int64_t soon = sio_emitter_now_ms() + emitter->timeout_ms;
    const sio_dispatch *dispatch = &emitter->dispatch;
    uint32_t nodes = 0;
    int err = switch_protocol(emitter);

    if (!err)
        err = hear(emitter, asked, soon);
    if (!err)
        err = count_nodes(emitter, asked, &nodes, soon);
    if (!err)
        err = sio_emitter_made(emitter, make(emitter, asked));
    if (err)
        return err;
    sio_collector *collector =
        sio_collector_new(dispatch->adapter, asked->op, dispatch->id, nodes, asked->keep);
    if (!collector)
        return sio_emitter_fail(emitter, SIO_ENOMEM, "out of memory");
    return put_and_collect(emitter, asked, collector, out);
}

static int explain(sio_emitter *emitter, const sio_emitter_answers *answers, int err,
                   uint32_t timeout_ms)
{
    if (err != SIO_ETIMEOUT || !answers)
        return err;
    const bool nodes = answers->missing_nodes > 0;
    const uint64_t acks = sio_value_count(answers->values);
    const uint64_t missing = nodes                     ? answers->missing_nodes
                             : answers->clients > acks ? answers->clients - acks
                                                       : 0;

    return sio_emitter_fail(emitter, err, "%llu of %llu %s have not answered within %u ms",
                            (unsigned long long)missing,
                            (unsigned long long)(nodes ? answers->nodes : answers->clients),
                            nodes ? "servers" : "clients", (unsigned)timeout_ms);
}

/* The connection is of no use for anything else afterwards: messages may come at any time. */
static int question_of(sio_emitter *emitter, question asked, sio_emitter_answers **out)
{
    *out = NULL;
    int err = sio_emitter_begin(emitter);

    if (!asked.timeout_ms)
        asked.timeout_ms = emitter->timeout_ms;
    if (!err)
        err = name_it(emitter, &asked);
    if (err)
        return err;
    err = ask(emitter, &asked, out);
    unname(emitter);
    sio_emitter_disconnect(emitter);
    emitter->unsure = err && *out;
    return explain(emitter, *out, err, asked.timeout_ms);
}

/* A question with arguments. Where a va_list is an array, a parameter is none any more: only of a
 * copy `&` is a va_list *. */
static int question_with(sio_emitter *emitter, question asked, va_list arguments,
                         sio_emitter_answers **out)
{
    va_list copy;

    va_copy(copy, arguments);
    asked.arguments = &copy;
    const int err = question_of(emitter, asked, out);
    va_end(copy);
    return err;
}

/* ---- the interface ---- */

int sio_emitter_emit_vack(sio_emitter *emitter, const sio_emitter_target *target,
                          uint32_t timeout_ms, sio_emitter_answers **out, const char *event,
                          const char *format, va_list arguments)
{
    return question_with(emitter,
                         (question){ .op = SIO_CLUSTER_BROADCAST_ACK,
                                     .target = target,
                                     .event = event,
                                     .format = format,
                                     .keep = true,
                                     .timeout_ms = timeout_ms },
                         arguments, out);
}

int sio_emitter_emit_ack(sio_emitter *emitter, const sio_emitter_target *target,
                         uint32_t timeout_ms, sio_emitter_answers **out, const char *event,
                         const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int err = sio_emitter_emit_vack(emitter, target, timeout_ms, out, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_emitter_server_side_emit_vack(sio_emitter *emitter, const char *nsp, uint32_t timeout_ms,
                                      sio_emitter_answers **out, const char *event,
                                      const char *format, va_list arguments)
{
    return question_with(emitter,
                         (question){ .op = SIO_CLUSTER_SERVER_SIDE_EMIT,
                                     .target = &(sio_emitter_target){ .nsp = nsp },
                                     .event = event,
                                     .format = format,
                                     .keep = true,
                                     .timeout_ms = timeout_ms },
                         arguments, out);
}

int sio_emitter_server_side_emit_ack(sio_emitter *emitter, const char *nsp, uint32_t timeout_ms,
                                     sio_emitter_answers **out, const char *event,
                                     const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int err =
        sio_emitter_server_side_emit_vack(emitter, nsp, timeout_ms, out, event, format, arguments);
    va_end(arguments);
    return err;
}

static int fetch(sio_emitter *emitter, const sio_emitter_target *target, uint32_t timeout_ms,
                 sio_emitter_answers **out, bool keep)
{
    return question_of(emitter,
                       (question){ .op = SIO_CLUSTER_FETCH_SOCKETS,
                                   .target = target,
                                   .keep = keep,
                                   .timeout_ms = timeout_ms },
                       out);
}

int sio_emitter_fetch_sockets(sio_emitter *emitter, const sio_emitter_target *target,
                              uint32_t timeout_ms, sio_emitter_answers **out)
{
    return fetch(emitter, target, timeout_ms, out, true);
}

int sio_emitter_count(sio_emitter *emitter, const sio_emitter_target *target, uint32_t timeout_ms,
                      sio_emitter_answers **out)
{
    return fetch(emitter, target, timeout_ms, out, false);
}
