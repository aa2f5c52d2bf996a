#include "loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sio/sys/mem.h>

/* One descriptor that libwebsockets waits for. */
typedef struct watch {
    uv_poll_t poll;
    struct sio_tls_loop *loop;
    struct watch *next; /* of those with the same place in the table, or of the spare ones */
    int fd;
    int events;
} watch;

#define PLACES 64u /* to begin with: a power of two */

/* What a context opens while it is made: an event descriptor, a netlink socket, a listening socket
 * for each family of addresses. libwebsockets loses memory and descriptors if one is not taken. */
#define SPARE 4u

struct sio_tls_loop {
    uv_loop_t *uv;
    struct lws_context *context;
    uv_prepare_t before_poll; /* asks how long it may sleep */
    uv_timer_t timer;
    uv_idle_t awake;      /* active while something is to be served without an event */
    watch **watches;      /* by descriptor, modulo `places` */
    watch *first[PLACES]; /* the table while it has not grown */
    watch *spare;
    size_t places, count;
    int wakeup;       /* the descriptor that the context wakes itself by; -1: not made yet */
    long wakeup_id;   /* the kernel's number of it */
    unsigned handles; /* not closed yet */
    bool ending;
    void *foreign[1]; /* itself, as libwebsockets wants to be told */
    void (*gone)(void *data);
    void *data;
};

static void drop_spare(sio_tls_loop *loop)
{
    for (watch *spare; (spare = loop->spare);) {
        loop->spare = spare->next;
        sio_mem_free(spare);
    }
}

static void loop_free(sio_tls_loop *loop)
{
    drop_spare(loop);
    if (loop->watches != loop->first)
        sio_mem_free(loop->watches);
    sio_mem_free(loop);
}

static void release(sio_tls_loop *loop)
{
    if (--loop->handles > 0 || !loop->ending)
        return;
    void (*gone)(void *data) = loop->gone;
    void *data = loop->data;
    loop_free(loop);
    if (gone)
        gone(data);
}

/* ---- the descriptor that wakes ---- */

/* -1: it is none, or the kernel does not tell. */
static long event_id(int fd)
{
    char path[40], text[512], *found;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    const int info = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
    if (info >= 0)
        close(info);
    if (len <= 0)
        return -1;
    text[len] = '\0';
    found = strstr(text, "eventfd-id:");
    return found ? strtol(found + strlen("eventfd-id:"), NULL, 10) : -1;
}

/* libwebsockets 4.3 closes the connection that it is to itself, and forgets the descriptor. Newer
 * ones do not, and by then the number may be that of somebody else's. */
static void close_wakeup(const sio_tls_loop *loop)
{
    if (loop->wakeup_id >= 0 && event_id(loop->wakeup) == loop->wakeup_id)
        close(loop->wakeup);
}

/* ---- descriptors ---- */

/* NULL: a context that could not be made is told so before it closes what it had. */
static sio_tls_loop *loop_of(struct lws *wsi)
{
    sio_tls_loop **slot = lws_evlib_wsi_to_evlib_pt(wsi);
    return *slot;
}

static watch **place_of(const sio_tls_loop *loop, int fd)
{
    return &loop->watches[(size_t)fd & (loop->places - 1)];
}

static watch *find(const sio_tls_loop *loop, int fd)
{
    watch *at = loop && fd >= 0 ? *place_of(loop, fd) : NULL;
    while (at && at->fd != fd)
        at = at->next;
    return at;
}

static void add(sio_tls_loop *loop, watch *made)
{
    watch **place = place_of(loop, made->fd);
    made->next = *place;
    *place = made;
}

/* Without memory it stays as it is, and is only slower. */
static void grow(sio_tls_loop *loop)
{
    watch **old = loop->watches;
    const size_t places = loop->places;
    watch **grown = sio_mem_zalloc(2 * places * sizeof(*grown));
    if (!grown)
        return;
    loop->watches = grown;
    loop->places = 2 * places;
    for (size_t i = 0; i < places; i++) {
        for (watch *at = old[i], *next; at; at = next) {
            next = at->next;
            add(loop, at);
        }
    }
    if (old != loop->first)
        sio_mem_free(old);
}

static watch *watch_new(sio_tls_loop *loop)
{
    watch *made = loop->spare;
    if (!made)
        return sio_mem_zalloc(sizeof(*made));
    loop->spare = made->next;
    return made;
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
    if (!loop || fd < 0 || find(loop, fd))
        return -1;
    watch *made = watch_new(loop);
    if (!made || uv_poll_init(loop->uv, &made->poll, fd)) {
        sio_mem_free(made);
        return -1;
    }
    /* who keeps the loop running are the listeners and the application */
    uv_unref((uv_handle_t *)&made->poll);
    made->loop = loop;
    made->fd = fd;
    loop->handles++;
    if (loop->wakeup < 0) { /* the first that a context opens */
        loop->wakeup = fd;
        loop->wakeup_id = event_id(fd);
    }
    if (loop->count++ == loop->places)
        grow(loop);
    add(loop, made);
    return 0;
}

/* The handle is closed in a later turn, the descriptor by libwebsockets as soon as we return. */
static void forget(watch *closed)
{
    watch **at = place_of(closed->loop, closed->fd);
    while (*at != closed)
        at = &(*at)->next;
    *at = closed->next;
    closed->loop->count--;
    uv_close((uv_handle_t *)&closed->poll, on_watch_closed);
}

static int on_close(struct lws *wsi)
{
    watch *closed = find(loop_of(wsi), lws_get_socket_fd(wsi));
    if (closed)
        forget(closed);
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
    for (size_t i = 0; i < loop->places; i++)
        while (loop->watches[i])
            forget(loop->watches[i]);
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
    sio_tls_loop *loop = *slot;
    *slot = NULL;
    if (!loop)
        return;
    if (!find(loop, loop->wakeup)) /* else libwebsockets still has it, and closes it itself */
        close_wakeup(loop);
    close_handles(loop);
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

static sio_tls_loop *make(void)
{
    sio_tls_loop *loop = sio_mem_zalloc(sizeof(*loop));
    if (!loop)
        return NULL;
    loop->watches = loop->first;
    loop->places = PLACES;
    loop->wakeup = -1;
    loop->wakeup_id = -1;
    for (unsigned i = 0; i < SPARE; i++) {
        watch *made = sio_mem_zalloc(sizeof(*made));
        if (!made) {
            loop_free(loop);
            return NULL;
        }
        made->next = loop->spare;
        loop->spare = made;
    }
    return loop;
}

sio_tls_loop *sio_tls_loop_new(uv_loop_t *uv, void (*gone)(void *data), void *data)
{
    sio_tls_loop *loop = make();
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
