#include "net/loop.h"

#include <unistd.h>

#include <sio/sys/mem.h>
#include <sio/sys/sigpipe.h>

#include "net/conn.h"
#include "net/handover.h"
#include "net/listen.h"
#include "net/watch.h"

void sio_net_now(sio_net *net)
{
    if (net->server)
        net->server->now = uv_now(net->loop);
}

/* ---- waking it ---- */

static void on_awake(uv_idle_t *handle)
{
    (void)handle;
}

void sio_net_wake(void *data)
{
    sio_net *net = data;
    uv_idle_start(&net->awake, on_awake);
}

/* What is due is judged after what has come: a process that was stopped for a while finds the
 * answers of its clients in their sockets, and must not end them for being late. The loop polls
 * without waiting, then on_after_poll follows, as often as it takes to read from each. */
static void on_core_timer(uv_timer_t *timer)
{
    sio_net *net = timer->data;
    net->core_due = true;
}

static uint64_t until(const sio_net *net, uint64_t due)
{
    uint64_t now = uv_now(net->loop);
    return due > now ? due - now : 0;
}

void sio_net_arm_core(void *data, uint64_t due)
{
    sio_net *net = data;
    if (due == UINT64_MAX)
        uv_timer_stop(&net->core_timer);
    else
        uv_timer_start(&net->core_timer, on_core_timer, until(net, due), 0);
}

/* ---- deadlines of connections ---- */

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void on_timer(uv_timer_t *timer);

void sio_net_arm(sio_net *net, uint64_t due)
{
    if (due >= net->armed)
        return;
    net->armed = due;
    uv_timer_start(&net->timer, on_timer, until(net, due), 0);
}

static void expire(sio_deadlines *queue, uint64_t now)
{
    sio_deadline *deadline;
    while ((deadline = sio_deadlines_pop(queue, now)))
        sio_conn_expire(SIO_CONTAINER(deadline, sio_conn, deadline));
}

#define QUEUES 6

static sio_deadlines *queue_at(sio_net *net, size_t index)
{
    sio_deadlines *const all[QUEUES] = { &net->heads,       &net->bodies,   &net->answers,
                                         &net->keep_alives, &net->messages, &net->closes };
    return all[index];
}

static void on_timer(uv_timer_t *timer)
{
    sio_net *net = timer->data;
    net->timer_due = true;
}

static void expire_all(sio_net *net)
{
    const uint64_t now = uv_now(net->loop);
    net->armed = UINT64_MAX;
    uint64_t due = UINT64_MAX;
    for (size_t i = 0; i < QUEUES; i++)
        expire(queue_at(net, i), now);
    if (net->end <= now) {
        net->end = UINT64_MAX;
        sio_net_cut(net);
    }
    if (net->retry <= now) {
        sio_listen_resume(net);
        sio_handover_resume(net);
    }
    for (size_t i = 0; i < QUEUES; i++)
        due = earliest(due, sio_deadlines_next(queue_at(net, i)));
    sio_net_arm(net, earliest(due, earliest(net->end, net->retry)));
}

void sio_net_deadline(sio_net *net, sio_deadlines *queue, sio_deadline *deadline)
{
    sio_deadline_set(queue, deadline, uv_now(net->loop));
    sio_net_arm(net, deadline->due);
}

void sio_net_stall(sio_net *net)
{
    net->retry = uv_now(net->loop) + SIO_LIMIT_ACCEPT_RETRY_MS;
    sio_net_arm(net, net->retry);
}

/* ---- the end of a turn ---- */

void sio_net_resume(sio_conn *conn)
{
    sio_intake_forget(conn);
    if (!sio_list_linked(&conn->resume))
        sio_list_push(&conn->net->resumes, &conn->resume);
    sio_net_wake(conn->net);
}

void sio_net_flush(sio_net *net)
{
    if (net->server)
        sio_core_flush(net->server);
    sio_gather_forget(&net->gather);
}

static void on_before_poll(uv_prepare_t *handle)
{
    sio_net *net = handle->data;
    sio_net_now(net);
    uv_idle_stop(&net->awake);
    sio_net_flush(net);
    sio_list *resume;
    while ((resume = sio_list_pop(&net->resumes)))
        sio_conn_resume(SIO_CONTAINER(resume, sio_conn, resume));
    sio_handover_turn(net);
    sio_listen_turn(net);
    if (net->core_due || net->timer_due)
        sio_net_wake(net);
    sio_net_progress(net);
}

static void on_mail(uv_async_t *handle)
{
    sio_net *net = handle->data;
    sio_net_now(net);
    if (net->server)
        sio_mailbox_empty(&net->mailbox, net->server);
}

static void on_after_poll(uv_check_t *handle)
{
    sio_net *net = handle->data;
    const bool core_due = net->core_due, timer_due = net->timer_due;
    sio_net_now(net);
    sio_intake_read(net);
    if ((core_due || timer_due) && !sio_intake_served(&net->intake))
        return;
    net->core_due = net->timer_due = false;
    if (core_due && net->server)
        sio_core_tick(net->server, uv_now(net->loop));
    if (timer_due)
        expire_all(net);
}

/* ---- beginning ---- */

static void add_handle(sio_net *net, uv_handle_t *handle)
{
    handle->data = net;
    uv_unref(handle);
    net->handles++;
}

static void init_handles(sio_net *net)
{
    add_handle(net, (uv_handle_t *)&net->mailbox.wake);
    uv_prepare_init(net->loop, &net->before_poll);
    uv_check_init(net->loop, &net->after_poll);
    uv_idle_init(net->loop, &net->awake);
    uv_timer_init(net->loop, &net->core_timer);
    uv_timer_init(net->loop, &net->timer);
    uv_timer_init(net->loop, &net->watch.sampler);
    add_handle(net, (uv_handle_t *)&net->before_poll);
    add_handle(net, (uv_handle_t *)&net->after_poll);
    add_handle(net, (uv_handle_t *)&net->awake);
    add_handle(net, (uv_handle_t *)&net->core_timer);
    add_handle(net, (uv_handle_t *)&net->timer);
    add_handle(net, (uv_handle_t *)&net->watch.sampler);
    uv_prepare_start(&net->before_poll, on_before_poll);
    uv_check_start(&net->after_poll, on_after_poll);
}

static int make_loop(uv_loop_t **out)
{
    uv_loop_t *loop = sio_mem_alloc(sizeof(*loop));
    if (!loop)
        return SIO_ENOMEM;
    if (uv_loop_init(loop)) {
        sio_mem_free(loop);
        return SIO_ESYSTEM;
    }
    *out = loop;
    return 0;
}

void sio_net_free_loop(sio_net *net)
{
    if (!net->own_loop)
        return;
    uv_loop_close(net->loop);
    sio_mem_free(net->loop);
}

static void init_queues(sio_net *net)
{
    sio_list_init(&net->listeners);
    sio_list_init(&net->conns);
    sio_list_init(&net->resumes);
    sio_list_init(&net->intake.waiting);
    sio_list_init(&net->admissions);
    sio_list_init(&net->watch.conns);
    for (size_t i = 0; i < QUEUES; i++)
        sio_deadlines_init(queue_at(net, i), SIO_LIMIT_CLOSE_MS);
    net->armed = net->end = net->retry = UINT64_MAX;
}

bool sio_net_is_ours(const sio_net *net)
{
    return net->pid == getpid();
}

void sio_net_set_times(sio_net *net, const sio_limit_options *limits)
{
    net->heads.interval_ms = limits->head_timeout_ms;
    net->bodies.interval_ms = limits->body_timeout_ms;
    net->answers.interval_ms = limits->answer_timeout_ms;
    net->keep_alives.interval_ms = limits->keep_alive_timeout_ms;
    net->messages.interval_ms = limits->message_timeout_ms;
}

int sio_net_new(sio_net **out, uv_loop_t *loop)
{
    char byte;
    sio_net *net = sio_net_random(&byte, 1) ? NULL : sio_mem_zalloc(sizeof(*net));
    if (!net)
        return sio_net_random(&byte, 1) ? SIO_ESYSTEM : SIO_ENOMEM;
    net->loop = loop;
    net->own_loop = !loop;
    int err = loop ? 0 : make_loop(&net->loop);
    if (!err && (err = sio_mailbox_init(&net->mailbox, net->loop, on_mail)))
        sio_net_free_loop(net);
    if (err) {
        sio_mem_free(net);
        return err;
    }
    init_queues(net);
    sio_static_init(&net->files);
    init_handles(net);
    sio_sigpipe_survive();
    net->pid = getpid();
    *out = net;
    return 0;
}
