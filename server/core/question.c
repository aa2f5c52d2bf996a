#include "core/question.h"

#include <assert.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/haul.h"
#include "core/namespace.h"

struct sio_question {
    sio_asker asker; /* first: what the adapter knows of it */
    sio_list node;   /* in server->questions, then in server->settled */
    sio_timer timer;
    sio_ballot ballot; /* clients of this node */
    sio_question_options options;
    bool put;     /* to everybody who is to be asked */
    bool asked;   /* the adapter has it */
    bool counted; /* it is known how many nodes are asked */
    bool settled;
    int failure;       /* of the asking, while clients of this node may still answer */
    int error;         /* once it is settled */
    unsigned nodes;    /* asked */
    unsigned answered; /* of these; of a broadcast: that have said how many clients they asked */
    uint32_t clients;
    uint32_t acknowledged;
    sio_haul haul;
};

static sio_server *server_of(const sio_question *question)
{
    return question->options.nsp->server;
}

/* ---- being settled ---- */

static void forget(sio_question *question)
{
    sio_adapter *adapter = server_of(question)->adapter;
    if (question->asked && adapter)
        adapter->ops->forget(adapter, &question->asker);
    question->asked = false;
}

static void settle(sio_question *question, int error)
{
    sio_server *server = server_of(question);
    if (question->settled)
        return;
    question->settled = true;
    question->error = question->failure ? question->failure : error;
    forget(question);
    sio_ballot_close(&question->ballot);
    sio_timers_cancel(&server->timeouts, &question->timer);
    sio_list_remove(&question->node);
    sio_list_push(&server->settled, &question->node);
    sio_core_wake(server);
}

static bool complete(const sio_question *question)
{
    const bool heard = question->counted && question->answered >= question->nodes;
    return question->put && (heard || question->failure) &&
           question->acknowledged >= question->clients;
}

static void check(sio_question *question)
{
    if (complete(question))
        settle(question, 0);
}

/* ---- what comes ---- */

static void keep(sio_question *question, const sio_value *value)
{
    const int err = sio_haul_add(&question->haul, server_of(question), value);
    if (err)
        settle(question, err);
}

/* Nodes answer with lists; what is no list has nothing in it. */
static void keep_items(sio_question *question, const sio_value *list, sio_type type)
{
    const size_t count = sio_value_type(list) == SIO_TYPE_ARRAY ? list->count : 0;
    for (size_t i = 0; i < count && !question->settled; i++)
        if (sio_value_type(&list->as.items[i]) == type)
            keep(question, &list->as.items[i]);
}

static void take(sio_question *question, const sio_value *value)
{
    switch (question->options.op) {
    case SIO_CLUSTER_FETCH_SOCKETS:
        keep_items(question, value, SIO_TYPE_MAP);
        break;
    case SIO_CLUSTER_ALL_ROOMS:
        keep_items(question, value, SIO_TYPE_STRING);
        break;
    default:
        keep(question, value);
    }
}

void sio_question_add(sio_question *question, const sio_value *value)
{
    if (!question->settled)
        take(question, value);
}

void sio_question_clients(sio_question *question, uint32_t count)
{
    question->clients += count;
}

sio_ballot *sio_question_ballot(sio_question *question)
{
    return &question->ballot;
}

static void on_acknowledged(sio_ballot *ballot, const sio_value *value)
{
    sio_question *question = SIO_CONTAINER(ballot, sio_question, ballot);
    question->acknowledged++;
    keep(question, value);
    check(question);
}

static void on_expect(sio_asker *asker, unsigned nodes)
{
    sio_question *question = (sio_question *)asker;
    question->counted = true;
    question->nodes = nodes;
    if (question->options.op == SIO_CLUSTER_SERVER_COUNT)
        question->answered = nodes;
    check(question);
}

static void on_clients(sio_asker *asker, uint32_t count)
{
    sio_question *question = (sio_question *)asker;
    question->answered++;
    question->clients =
        count < UINT32_MAX - question->clients ? question->clients + count : UINT32_MAX;
    check(question);
}

static void on_answer(sio_asker *asker, const sio_value *value)
{
    sio_question *question = (sio_question *)asker;
    if (question->options.op == SIO_CLUSTER_BROADCAST_ACK)
        question->acknowledged++;
    else
        question->answered++;
    take(question, value);
    check(question);
}

static void on_fail(sio_asker *asker, int err)
{
    sio_question *question = (sio_question *)asker;
    question->asked = false;
    question->failure = err;
    check(question);
}

static void on_time(sio_timer *timer)
{
    settle(SIO_CONTAINER(timer, sio_question, timer), SIO_ETIMEOUT);
}

/* ---- asking ---- */

static uint32_t patience_of(const sio_question *question)
{
    const uint32_t own = question->options.timeout_ms;
    return own ? own : server_of(question)->request_timeout_ms;
}

int sio_question_new(sio_question **out, const sio_question_options *options)
{
    sio_server *server = options->nsp->server;
    if (!options->callback)
        return SIO_EINVAL;
    const int err = sio_namespace_check(options->nsp);
    if (err)
        return err;
    if (server->closing)
        return SIO_ECLOSED;
    if (server->question_count >= SIO_LIMIT_QUESTIONS)
        return SIO_ELIMIT;
    sio_question *question = sio_mem_zalloc(sizeof(*question));
    if (!question)
        return SIO_ENOMEM;
    question->asker = (sio_asker){ on_expect, on_clients, on_answer, on_fail };
    question->options = *options;
    sio_namespace_ref(options->nsp);
    question->timer.ring = on_time;
    sio_ballot_init(&question->ballot, on_acknowledged);
    const uint64_t due = sio_core_now(server) + patience_of(question);
    if (sio_timers_set(&server->timeouts, &question->timer, due)) {
        sio_namespace_unref(options->nsp);
        sio_mem_free(question);
        return SIO_ENOMEM;
    }
    sio_list_push(&server->questions, &question->node);
    server->question_count++;
    *out = question;
    return 0;
}

static void question_free(sio_question *question)
{
    sio_server *server = server_of(question);
    sio_list_remove(&question->node);
    sio_timers_cancel(&server->timeouts, &question->timer);
    sio_ballot_close(&question->ballot);
    sio_haul_free(&question->haul, server);
    server->question_count--;
    sio_namespace_unref(question->options.nsp);
    sio_mem_free(question);
}

void sio_question_cancel(sio_question *question)
{
    assert(!question->put);
    question_free(question);
}

static int put(sio_question *question, sio_cluster_request *request)
{
    sio_adapter *adapter = server_of(question)->adapter;
    if (!request || !adapter) {
        question->counted = true;
        return 0;
    }
    request->timeout_ms = patience_of(question);
    question->asked = true;
    return adapter->ops->ask(adapter, request, &question->asker);
}

void sio_question_put(sio_question *question, sio_cluster_request *request)
{
    question->put = true;
    const int err = question->settled ? 0 : put(question, request);
    if (err)
        on_fail(&question->asker, err);
    check(question);
    sio_core_rearm(server_of(question));
}

/* ---- answering the application ---- */

static void tell(sio_question *question)
{
    sio_server *server = server_of(question);
    const sio_question_options options = question->options;
    sio_value values;
    if (options.op == SIO_CLUSTER_ALL_ROOMS)
        sio_haul_unite(&question->haul);
    if (options.op == SIO_CLUSTER_SERVER_COUNT && !question->error) {
        const sio_value number = sio_value_of_int((int64_t)question->nodes + 1);
        question->error = sio_haul_add(&question->haul, server, &number);
    }
    values = sio_haul_values(&question->haul);
    const sio_answers answers = {
        .error = question->error,
        .nodes = question->nodes,
        .missing_nodes =
            question->nodes > question->answered ? question->nodes - question->answered : 0,
        .clients = question->clients,
        .values = &values,
    };
    sio_core_enter(server);
    options.callback(options.nsp, &answers, options.data);
    sio_core_leave(server);
    question_free(question);
}

void sio_questions_tell(sio_server *server)
{
    const sio_list *last = server->settled.prev;
    for (bool more = !sio_list_empty(&server->settled); more;) {
        sio_list *node = sio_list_pop(&server->settled);
        more = node != last;
        tell(SIO_CONTAINER(node, sio_question, node));
    }
}

void sio_questions_close(sio_server *server)
{
    while (!sio_list_empty(&server->questions))
        settle(SIO_CONTAINER(server->questions.next, sio_question, node), SIO_ECLOSED);
}
