#include "net/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <sio/sys/carrier.h>
#include <sio/sys/mem.h>
#include <sio/sys/sigpipe.h>

#include "net/conn.h"
#include "net/handover.h"
#include "net/listen.h"
#include "net/process.h"
#include "net/relay.h"
#include "net/watch.h"

void sio_net_now(sio_net *net)
{
    if (net->server)
        net->server->now = uv_now(net->loop);
}

/* ---- what the core calls ---- */

static int fill_random(void *out, size_t len)
{
    char *at = out;
    while (len > 0) {
        ssize_t count = getrandom(at, len, 0);
        if (count < 0 && errno != EINTR)
            return SIO_ESYSTEM;
        if (count > 0) {
            at += count;
            len -= (size_t)count;
        }
    }
    return 0;
}

/* It worked when the server was made, and it does not stop working. Ids that can be guessed would
 * be worse than no process. */
static void net_random(void *data, void *out, size_t len)
{
    (void)data;
    if (fill_random(out, len))
        abort();
}

static void on_awake(uv_idle_t *handle)
{
    (void)handle;
}

static void net_wake(void *data)
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

static void net_arm(void *data, uint64_t due)
{
    sio_net *net = data;
    if (due == UINT64_MAX)
        uv_timer_stop(&net->core_timer);
    else
        uv_timer_start(&net->core_timer, on_core_timer, until(net, due), 0);
}

static uint64_t net_clock(void *data)
{
    const sio_net *net = data;
    return uv_now(net->loop);
}

static void net_settle(void *data)
{
    sio_volley_fire(data);
}

static int64_t net_wall(void *data)
{
    uv_timeval64_t now;
    (void)data;
    uv_gettimeofday(&now);
    return now.tv_sec * 1000000 + now.tv_usec;
}

static void net_traffic(const void *data, uint64_t *in, uint64_t *out)
{
    const sio_net *net = data;
    *in = net->bytes_in;
    *out = net->bytes_out;
}

/* It began once: were that computed anew each time, it would change by microseconds. */
static void net_process(void *data, sio_process *out)
{
    sio_net *net = data;
    if (net->watch.start_s == 0)
        net->watch.start_s = sio_process_start();
    sio_process_read(out);
    out->start_s = net->watch.start_s;
}

const sio_net_ops sio_net_ops_uv = {
    .wake = net_wake,
    .arm = net_arm,
    .random = net_random,
    .now = net_clock,
    .settle = net_settle,
    .wall = net_wall,
    .traffic = net_traffic,
    .process = net_process,
};

/* ---- deadlines of connections ---- */

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void on_timer(uv_timer_t *timer);

static void arm(sio_net *net, uint64_t due)
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
    arm(net, earliest(due, earliest(net->end, net->retry)));
}

void sio_net_deadline(sio_net *net, sio_deadlines *queue, sio_deadline *deadline)
{
    sio_deadline_set(queue, deadline, uv_now(net->loop));
    arm(net, deadline->due);
}

void sio_net_stall(sio_net *net)
{
    net->retry = uv_now(net->loop) + SIO_LIMIT_ACCEPT_RETRY_MS;
    arm(net, net->retry);
}

/* ---- the end of a turn ---- */

void sio_net_resume(sio_conn *conn)
{
    sio_intake_forget(conn);
    if (!sio_list_linked(&conn->resume))
        sio_list_push(&conn->net->resumes, &conn->resume);
    net_wake(conn->net);
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
        net_wake(net);
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

static void free_loop(sio_net *net)
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
    sio_net *net = fill_random(&byte, 1) ? NULL : sio_mem_zalloc(sizeof(*net));
    if (!net)
        return fill_random(&byte, 1) ? SIO_ESYSTEM : SIO_ENOMEM;
    net->loop = loop;
    net->own_loop = !loop;
    int err = loop ? 0 : make_loop(&net->loop);
    if (!err && (err = sio_mailbox_init(&net->mailbox, net->loop, on_mail)))
        free_loop(net);
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

/* ---- end ---- */

static void net_free(sio_net *net)
{
    sio_gather_forget(&net->gather);
    sio_ring_free(&net->ring);
    sio_crew_free(net->crew);
    sio_static_free(&net->files);
    sio_compressor_free(net->compressor);
    sio_cors_free(&net->cors);
    sio_cookie_free(&net->cookie);
    sio_trust_free(&net->trust);
    sio_visitors_free(&net->visitors);
    sio_mem_free(net->handover);
    sio_mem_free(net->path);
    sio_mailbox_free(&net->mailbox);
    free_loop(net);
    sio_mem_free(net);
}

void sio_net_close_handle(uv_handle_t *handle, uv_close_cb callback)
{
    if (!uv_is_closing(handle))
        uv_close(handle, callback);
}

/* A loop of one's own is still running here: who runs it frees then. */
static void finish(sio_net *net)
{
    net->closed = true;
    sio_server *server = net->server;
    if (server)
        SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_SERVER, "closed");
    if (server && server->on_closed)
        server->on_closed(server, server->data);
    else if (net->orphan && !net->own_loop)
        net_free(net);
}

void sio_net_release_handle(sio_net *net)
{
    if (--net->handles == 0)
        finish(net);
}

void sio_net_handle_closed(uv_handle_t *handle)
{
    sio_net_release_handle(handle->data);
}

static void stop_carriages(sio_net *net)
{
    sio_carriage *next;
    for (sio_carriage *carriage = net->carriages; carriage; carriage = next) {
        next = carriage->next;
        carriage->stop(carriage);
    }
}

static void on_adapter_stopped(void *data)
{
    sio_net *net = data;
    if (net->server)
        sio_mailbox_close(&net->mailbox, net->server);
    sio_handover_end(net);
    stop_carriages(net);
    sio_net_close_handle((uv_handle_t *)&net->mailbox.wake, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->before_poll, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->after_poll, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->awake, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->core_timer, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->timer, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->watch.sampler, sio_net_handle_closed);
    for (int i = 0; net->signalled && i < 2; i++)
        sio_net_close_handle((uv_handle_t *)&net->signals[i], sio_net_handle_closed);
}

static bool core_done(const sio_server *server)
{
    return !server || sio_core_idle(server);
}

void sio_net_progress(sio_net *net)
{
    if (net->server && sio_departures_over(net->server))
        sio_net_close(net);
    if (!net->closing || net->stopping || !sio_list_empty(&net->conns) || !core_done(net->server) ||
        !sio_handover_idle(net))
        return;
    if (!sio_watch_end(net))
        return;
    net->stopping = true;
    sio_adapter *adapter = net->adapter;
    net->adapter = NULL;
    if (net->server)
        sio_core_lose_adapter(net->server);
    if (adapter)
        adapter->ops->stop(adapter, on_adapter_stopped, net);
    else
        on_adapter_stopped(net);
}

static void close_idle(sio_net *net)
{
    for (sio_list *node = net->conns.next; node != &net->conns; node = node->next) {
        sio_conn *conn = SIO_CONTAINER(node, sio_conn, node);
        conn->keep_alive = false;
        if (!sio_relay_leave(conn) && conn->state == SIO_CONN_IDLE)
            sio_conn_close(conn);
    }
}

void sio_net_close(sio_net *net)
{
    if (net->closing)
        return;
    net->closing = true;
    uv_ref((uv_handle_t *)&net->before_poll);
    if (net->handover && (net->handover->offered || sio_handover_is_early(net)))
        sio_listen_leave(net, 0);
    sio_listen_close_all(net, false);
    sio_handover_shut(net);
    if (net->server) {
        SIO_CORE_LOG(net->server, SIO_LOG_INFO, SIO_LOG_SERVER, "closing, with %" PRIu32 " clients",
                     net->server->clients.count);
        sio_core_close(net->server);
    }
    close_idle(net);
    net->end = uv_now(net->loop) + SIO_LIMIT_CLOSE_MS;
    arm(net, net->end);
    net_wake(net);
}

void sio_net_cut(sio_net *net)
{
    sio_handover_cut(net);
    for (sio_list *node = net->conns.next; node != &net->conns; node = node->next)
        sio_conn_lose(SIO_CONTAINER(node, sio_conn, node), SIO_EIO_TRANSPORT_CLOSE);
}

void sio_net_release(sio_net *net)
{
    net->orphan = true;
    net->server = NULL;
    for (sio_carriage *carriage = net->carriages; carriage; carriage = carriage->next)
        carriage->server = NULL;
    if (!net->closed) {
        sio_net_close(net);
        sio_net_cut(net);
        sio_net_progress(net);
        if (net->own_loop && !net->running)
            uv_run(net->loop, UV_RUN_DEFAULT);
        else
            return;
    }
    if (!net->running)
        net_free(net);
}
