#include "preface.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/log.h>
#include <sio/sys/mem.h>

#include "loop.h"

typedef struct sio_tls_preface {
    uv_poll_t poll;
    uv_timer_t late;
    struct sio_tls_preface *next, *prev;
    sio_tls_prefaces *all;
    int fd;
    unsigned handles; /* not closed yet */
    sio_proxy_reader reader;
} sio_tls_preface;

/* ---- its end ---- */

static void on_closed(uv_handle_t *handle)
{
    sio_tls_preface *preface = handle->data;
    sio_tls_prefaces *all = preface->all;
    if (--preface->handles > 0)
        return;
    sio_mem_free(preface);
    if (--all->count == 0 && all->ending)
        all->gone(all);
}

/* The descriptor is the caller's. */
static int leave(sio_tls_preface *preface)
{
    sio_tls_prefaces *all = preface->all;
    if (preface->prev)
        preface->prev->next = preface->next;
    else
        all->first = preface->next;
    if (preface->next)
        preface->next->prev = preface->prev;
    all->owner->unopened--;
    uv_close((uv_handle_t *)&preface->poll, on_closed);
    uv_close((uv_handle_t *)&preface->late, on_closed);
    return preface->fd;
}

static void refuse(sio_tls_preface *preface, sio_log_level level, const char *why)
{
    sio_server *server = preface->all->owner->carriage.server;
    if (server && why)
        sio_carriage_log(server, level, why);
    close(leave(preface));
}

/* ---- what comes ---- */

static void on_late(uv_timer_t *timer)
{
    sio_tls_preface *preface = timer->data;
    sio_server *server = preface->all->owner->carriage.server;
    if (server)
        sio_carriage_slow(server);
    refuse(preface, SIO_LOG_DEBUG,
           "a connection is closed: no header of the PROXY protocol within head_timeout_ms");
}

/* What is TLS stays in the kernel, for libwebsockets; of the header nothing does, or the descriptor
 * would be readable for ever. */
static int take(sio_tls_preface *preface)
{
    char bytes[512];
    size_t used = 0;
    const ssize_t there = recv(preface->fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
    if (there < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (there <= 0)
        return SIO_ECLOSED;
    const int whole = sio_proxy_feed(&preface->reader, bytes, (size_t)there, &used);
    if (whole == 0)
        used = (size_t)there;
    if (whole >= 0 && recv(preface->fd, bytes, used, MSG_DONTWAIT) != (ssize_t)used)
        return SIO_ECLOSED;
    return whole;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    sio_tls_preface *preface = poll->data;
    sio_tls_prefaces *all = preface->all;
    const int whole = status < 0 ? SIO_ECLOSED : take(preface);
    (void)events;
    if (whole == 0)
        return;
    if (whole < 0) {
        refuse(preface, SIO_LOG_WARN,
               whole == SIO_EPARSE
                   ? "a connection is closed: it does not begin with a header of the "
                     "PROXY protocol"
                   : NULL);
        return;
    }
    const sio_origin origin = preface->reader.origin;
    const bool named = preface->reader.named;
    all->done(all, leave(preface), named ? &origin : NULL);
}

/* ---- its beginning ---- */

static void join(sio_tls_preface *preface, sio_tls_prefaces *all)
{
    preface->next = all->first;
    if (all->first)
        all->first->prev = preface;
    all->first = preface;
    all->count++;
    all->owner->unopened++;
}

int sio_tls_preface_await(sio_tls_prefaces *all, uv_loop_t *loop, int fd)
{
    sio_tls_preface *made = sio_mem_zalloc(sizeof(*made));
    if (!made)
        return SIO_ENOMEM;
    if (uv_poll_init(loop, &made->poll, fd)) {
        sio_mem_free(made);
        return SIO_ESYSTEM;
    }
    uv_timer_init(loop, &made->late);
    made->all = all;
    made->fd = fd;
    made->handles = 2;
    made->poll.data = made->late.data = made;
    uv_unref((uv_handle_t *)&made->poll);
    uv_unref((uv_handle_t *)&made->late);
    join(made, all);
    uv_poll_start(&made->poll, UV_READABLE, on_readable);
    if (all->ms)
        uv_timer_start(&made->late, on_late, all->ms, 0);
    return 0;
}

void sio_tls_prefaces_end(sio_tls_prefaces *all)
{
    all->ending = true;
    while (all->first)
        close(leave(all->first));
    if (all->count == 0)
        all->gone(all);
}
