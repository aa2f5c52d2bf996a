#include "loop.h"

#include <sio/sys/mem.h>

/* One descriptor that libwebsockets waits for. */
typedef struct watch {
    uv_poll_t poll;
    struct sio_tls_loop *loop;
    int fd;
    int events;
} watch;

struct sio_tls_loop {
    uv_loop_t *uv;
    struct lws_context *context;
    uv_prepare_t before_poll; /* asks how long it may sleep */
    uv_timer_t timer;
    uv_idle_t awake; /* active while something is to be served without an event */
    watch **watches; /* by descriptor */
    size_t room;
    unsigned handles; /* not closed yet */
    bool ending;
    void *foreign[1]; /* itself, as libwebsockets wants to be told */
    void (*gone)(void *data);
    void *data;
};

static void release(sio_tls_loop *loop)
{
    if (--loop->handles > 0 || !loop->ending)
        return;
    void (*gone)(void *data) = loop->gone;
    void *data = loop->data;
    sio_mem_free(loop->watches);
    sio_mem_free(loop);
    if (gone)
        gone(data);
}

/* ---- descriptors ---- */

static sio_tls_loop *loop_of(struct lws *wsi)
{
    sio_tls_loop **slot = lws_evlib_wsi_to_evlib_pt(wsi);
    return *slot;
}

static watch *find(const sio_tls_loop *loop, int fd)
{
    return fd >= 0 && (size_t)fd < loop->room ? loop->watches[fd] : NULL;
}

static bool make_room(sio_tls_loop *loop, size_t need)
{
    size_t room = loop->room ? loop->room : 64;
    while (room < need)
        room *= 2;
    if (room == loop->room)
        return true;
    watch **grown = sio_mem_realloc(loop->watches, room * sizeof(*grown));
    if (!grown)
        return false;
    memset(grown + loop->room, 0, (room - loop->room) * sizeof(*grown));
    loop->watches = grown;
    loop->room = room;
    return true;
}

static void on_watch_closed(uv_handle_t *handle)
{
    watch *closed = SIO_TLS_CONTAINER(handle, watch, poll);
    sio_tls_loop *loop = closed->loop;
    sio_mem_free(closed);
    release(loop);
}

static int on_accept(struct lws *wsi)
{
    sio_tls_loop *loop = loop_of(wsi);
    const int fd = lws_get_socket_fd(wsi);
    if (fd < 0 || find(loop, fd) || !make_room(loop, (size_t)fd + 1))
        return -1;
    watch *made = sio_mem_zalloc(sizeof(*made));
    if (!made || uv_poll_init(loop->uv, &made->poll, fd)) {
        sio_mem_free(made);
        return -1;
    }
    /* who keeps the loop running are the listeners and the application */
    uv_unref((uv_handle_t *)&made->poll);
    made->loop = loop;
    made->fd = fd;
    loop->watches[fd] = made;
    loop->handles++;
    return 0;
}

/* The handle is closed in a later turn, the descriptor by libwebsockets as soon as we return. */
static int on_close(struct lws *wsi)
{
    sio_tls_loop *loop = loop_of(wsi);
    watch *closed = find(loop, lws_get_socket_fd(wsi));
    if (!closed)
        return 0;
    loop->watches[closed->fd] = NULL;
    uv_close((uv_handle_t *)&closed->poll, on_watch_closed);
    return 0;
}

static short poll_events(int status, int events)
{
    if (status < 0)
        return LWS_POLLHUP;
    return (short)((events & UV_READABLE ? LWS_POLLIN : 0) |
                   (events & UV_WRITABLE ? LWS_POLLOUT : 0));
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    watch *ready = SIO_TLS_CONTAINER(poll, watch, poll);
    sio_tls_loop *loop = ready->loop;
    struct lws_pollfd fd = { .fd = ready->fd };
    fd.events = fd.revents = poll_events(status, events);
    if (loop->context && !loop->ending)
        lws_service_fd(loop->context, &fd);
}

static void on_interest(struct lws *wsi, unsigned flags)
{
    watch *of = find(loop_of(wsi), lws_get_socket_fd(wsi));
    if (!of)
        return;
    const int events =
        (flags & LWS_EV_READ ? UV_READABLE : 0) | (flags & LWS_EV_WRITE ? UV_WRITABLE : 0);
    const int wanted = flags & LWS_EV_START ? of->events | events : of->events & ~events;
    if (wanted == of->events)
        return;
    of->events = wanted;
    if (wanted)
        uv_poll_start(&of->poll, wanted, on_event);
    else
        uv_poll_stop(&of->poll);
}

/* ---- time ---- */

static void on_awake(uv_idle_t *handle)
{
    sio_tls_loop *loop = handle->data;
    uv_idle_stop(handle);
    if (loop->context && !loop->ending)
        _lws_plat_service_forced_tsi(loop->context, 0);
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer; /* what is due is served before the loop sleeps again */
}

#define SLEEP_MS 60000

static void on_before_poll(uv_prepare_t *handle)
{
    sio_tls_loop *loop = handle->data;
    if (!loop->context || loop->ending)
        return;
    const int sleep = lws_service_adjust_timeout(loop->context, SLEEP_MS, 0);
    if (sleep <= 0)
        uv_idle_start(&loop->awake, on_awake);
    else
        uv_timer_start(&loop->timer, on_timer, (uint64_t)sleep, 0);
}

/* ---- its life ---- */

static void loop_started(sio_tls_loop *loop, struct lws_context *context)
{
    loop->context = context;
    uv_prepare_start(&loop->before_poll, on_before_poll);
}

static void on_handle_closed(uv_handle_t *handle)
{
    release(handle->data);
}

static void close_handles(sio_tls_loop *loop)
{
    loop->ending = true;
    loop->context = NULL;
    uv_close((uv_handle_t *)&loop->before_poll, on_handle_closed);
    uv_close((uv_handle_t *)&loop->timer, on_handle_closed);
    uv_close((uv_handle_t *)&loop->awake, on_handle_closed);
}

static int on_init(struct lws_context *context, void *foreign, int thread)
{
    sio_tls_loop **slot = lws_evlib_tsi_to_evlib_pt(context, thread);
    *slot = foreign;
    loop_started(foreign, context);
    return 0;
}

/* The context is being destroyed. */
static void on_destroy(struct lws_context *context, int thread)
{
    sio_tls_loop **slot = lws_evlib_tsi_to_evlib_pt(context, thread);
    if (*slot)
        close_handles(*slot);
    *slot = NULL;
}

static const struct lws_event_loop_ops ops = {
    .name = "sio",
    .init_pt = on_init,
    .init_vhost_listen_wsi = on_accept,
    .sock_accept = on_accept,
    .io = on_interest,
    .wsi_logical_close = on_close,
    .destroy_pt = on_destroy,
    .evlib_size_pt = sizeof(sio_tls_loop *),
};

static const struct lws_plugin_evlib library = {
    .hdr = { "libuv, as libsio has it", "lws_evlib_plugin", LWS_BUILD_HASH, LWS_PLUGIN_API_MAGIC },
    .ops = &ops,
};

static void add_handle(sio_tls_loop *loop, uv_handle_t *handle)
{
    handle->data = loop;
    uv_unref(handle);
    loop->handles++;
}

sio_tls_loop *sio_tls_loop_new(uv_loop_t *uv, void (*gone)(void *data), void *data)
{
    sio_tls_loop *loop = sio_mem_zalloc(sizeof(*loop));
    if (!loop)
        return NULL;
    loop->uv = uv;
    loop->gone = gone;
    loop->data = data;
    loop->foreign[0] = loop;
    uv_prepare_init(uv, &loop->before_poll);
    uv_timer_init(uv, &loop->timer);
    uv_idle_init(uv, &loop->awake);
    add_handle(loop, (uv_handle_t *)&loop->before_poll);
    add_handle(loop, (uv_handle_t *)&loop->timer);
    add_handle(loop, (uv_handle_t *)&loop->awake);
    return loop;
}

void sio_tls_loop_use(sio_tls_loop *loop, struct lws_context_creation_info *info)
{
    info->event_lib_custom = &library;
    info->foreign_loops = loop->foreign;
}

void sio_tls_loop_end(sio_tls_loop *loop)
{
    if (loop->context)
        lws_context_destroy(loop->context);
    else if (!loop->ending)
        close_handles(loop);
}
