#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sio/sys/mem.h>

#include "net/binding.h"
#include "net/conn.h"
#include "net/socketfile.h"

typedef struct sio_listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } as;
    sio_list node;        /* in net->listeners */
    sio_socketfile *file; /* NULL: it has none that is ours */
    uint32_t backlog;     /* as it was asked for */
    uint8_t kind;         /* sio_conn_kind: of the connections that come in by it */
    bool pending; /* libuv has a connection for us, and asks for no other until we take it */
    sio_carriage *carriage; /* that gets what comes; NULL: it is the server's own */
    void (*take)(sio_carriage *carriage, int fd);
} sio_listener;

static void on_closed(uv_handle_t *handle)
{
    sio_net_handle_closed(handle);
    sio_mem_free(SIO_CONTAINER(handle, sio_listener, as.handle));
}

/* The file goes first: while the socket is open no other file can have its inode's number. */
static void listener_close(sio_listener *listener)
{
    sio_list_remove(&listener->node);
    sio_socketfile_close(listener->file);
    sio_net_close_handle(&listener->as.handle, on_closed);
}

static void complain(sio_net *net, int status)
{
    if (net->complained && uv_now(net->loop) - net->complained < SIO_LIMIT_LOG_REPEAT_MS)
        return;
    net->complained = uv_now(net->loop);
    SIO_CORE_LOG(net->server, SIO_LOG_WARN, SIO_LOG_NET, "cannot accept connections: %s",
                 uv_strerror(status));
}

/* ---- the last descriptors ---- */

/* They are not for clients: the link to Redis, files and the application need some. */
static uint64_t first_kept(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    const rlim_t share = limit.rlim_cur / 8;
    return limit.rlim_cur - (share < SIO_LIMIT_DESCRIPTORS ? share : SIO_LIMIT_DESCRIPTORS);
}

/* The kernel gives the lowest that is free, so that one of the last says that nearly all are taken.
 * Any other says that one is free: it is asked before each that is taken, once they have been
 * scarce. */
static bool is_one_of_the_last(sio_net *net, int fd)
{
    if (fd >= 0 && (uint64_t)fd < net->descriptors)
        return false;
    net->descriptors = first_kept();
    return fd < 0 || (uint64_t)fd >= net->descriptors;
}

static void look_at_newest(sio_net *net)
{
    const sio_conn *conn = SIO_CONTAINER(net->conns.prev, sio_conn, node);
    uv_os_fd_t fd;
    if (!conn->carried && uv_fileno((const uv_handle_t *)&conn->tcp, &fd) == 0)
        net->scarce = net->scarce || is_one_of_the_last(net, fd);
}

static bool lacks_descriptors(sio_net *net, const sio_listener *listener)
{
    uv_os_fd_t own;
    if (!net->scarce || uv_fileno(&listener->as.handle, &own))
        return false;
    const int fd = fcntl(own, F_DUPFD_CLOEXEC, 0);
    const bool last = is_one_of_the_last(net, fd);
    if (fd >= 0)
        close(fd);
    return last;
}

static void free_handle(uv_handle_t *handle)
{
    sio_mem_free(handle);
}

/* libuv gives a descriptor away only as a copy. */
static int give_away(sio_net *net, sio_listener *listener)
{
    uv_os_fd_t fd;
    uv_tcp_t *handle = sio_mem_alloc(sizeof(*handle));
    if (!handle)
        return SIO_ENOMEM;
    uv_tcp_init(net->loop, handle);
    int copy = -1;
    if (uv_accept(&listener->as.stream, (uv_stream_t *)handle) == 0 &&
        uv_fileno((uv_handle_t *)handle, &fd) == 0)
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    uv_tcp_nodelay(handle, 1);
    uv_close((uv_handle_t *)handle, free_handle);
    if (copy < 0) {
        complain(net, -errno);
        return SIO_ESYSTEM;
    }
    net->scarce = net->scarce || is_one_of_the_last(net, copy);
    listener->take(listener->carriage, copy);
    return 0;
}

static int take_connection(sio_net *net, sio_listener *listener)
{
    if (listener->carriage)
        return give_away(net, listener);
    const int err = sio_conn_accept(net, &listener->as.stream, (sio_conn_kind)listener->kind);
    if (!err)
        look_at_newest(net);
    return err;
}

/* What is not taken from libuv makes it stop accepting, until it is. False: nothing more is to be
 * taken now. */
static bool take_or_pause(sio_net *net, sio_listener *listener)
{
    const bool kept = listener->kind == SIO_CONN_WATCHING; /* those who look what is wrong */
    listener->pending = true;
    int err = !kept && lacks_descriptors(net, listener) ? UV_EMFILE : 0;
    if (!err && take_connection(net, listener) == SIO_ENOMEM)
        err = UV_ENOMEM;
    listener->pending = err != 0;
    if (!err)
        return true;
    net->server->stats.accept_pauses += net->retry == UINT64_MAX;
    sio_net_stall(net);
    complain(net, err);
    return false;
}

static void on_connection(uv_stream_t *stream, int status)
{
    sio_net *net = stream->data;
    sio_net_now(net);
    if (status) {
        complain(net, status);
        return;
    }
    sio_listener *listener = SIO_CONTAINER(stream, sio_listener, as.stream);
    if (net->accepted == SIO_LIMIT_ACCEPTS) {
        listener->pending = net->crowded = true;
        return;
    }
    net->accepted++;
    (void)take_or_pause(net, listener);
}

static void take_pending(sio_net *net)
{
    for (sio_list *node = net->listeners.next; node != &net->listeners; node = node->next) {
        sio_listener *listener = SIO_CONTAINER(node, sio_listener, node);
        if (listener->pending && !take_or_pause(net, listener))
            return;
    }
}

void sio_listen_resume(sio_net *net)
{
    net->retry = UINT64_MAX;
    take_pending(net);
}

void sio_listen_turn(sio_net *net)
{
    net->accepted = 0;
    if (net->crowded && net->retry == UINT64_MAX)
        take_pending(net);
    net->crowded = false;
}

/* ---- opening ---- */

static int family_of(int fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof(address);
    return getsockname(fd, (struct sockaddr *)&address, &len) ? -errno : address.ss_family;
}

static int open_handle(sio_listener *listener, uv_loop_t *loop, int fd, bool is_unix)
{
    if (is_unix) {
        uv_pipe_init(loop, &listener->as.pipe, 0);
        return uv_pipe_open(&listener->as.pipe, fd);
    }
    uv_tcp_init(loop, &listener->as.tcp);
    return uv_tcp_open(&listener->as.tcp, fd);
}

static int error_of(int err)
{
    if (err == UV_EEXIST)
        return SIO_EEXISTS;
    return sio_binding_error(-err);
}

int sio_listen_on(sio_net *net, int fd, const sio_listen_options *options)
{
    const int family = family_of(fd);
    sio_listener *listener = sio_mem_zalloc(sizeof(*listener));
    if (!listener)
        return SIO_ENOMEM;
    int err = open_handle(listener, net->loop, fd, family == AF_UNIX);
    listener->as.handle.data = net;
    listener->backlog = options->backlog;
    listener->kind = options->proxy_protocol ? SIO_CONN_PROXIED : SIO_CONN_PLAIN;
    net->handles++;
    sio_list_push(&net->listeners, &listener->node);
    if (!err)
        err = uv_listen(&listener->as.stream, sio_binding_backlog(options->backlog), on_connection);
    if (err) {
        listener_close(listener);
        return error_of(err);
    }
    if (family != AF_UNIX)
        net->port = sio_binding_port(fd);
    return 0;
}

int sio_listen_tcp(sio_net *net, const sio_listen_options *options)
{
    int fd;
    int err = sio_binding_tcp(&fd, options);
    if (!err && (err = sio_listen_on(net, fd, options)))
        close(fd);
    return err;
}

int sio_listen_unix(sio_net *net, const sio_listen_options *options, const char **why)
{
    sio_socketfile *file;
    int fd;
    int err = sio_socketfile_open(&file, &fd, SOCK_STREAM, options, why);
    if (err)
        return err;
    if ((err = sio_listen_on(net, fd, options))) {
        sio_socketfile_close(file);
        close(fd);
        return err;
    }
    SIO_CONTAINER(net->listeners.prev, sio_listener, node)->file = file;
    return 0;
}

void sio_listen_hand_over(sio_net *net, sio_carriage *carriage,
                          void (*take)(sio_carriage *carriage, int fd))
{
    sio_listener *listener = SIO_CONTAINER(net->listeners.prev, sio_listener, node);
    listener->carriage = carriage;
    listener->take = take;
}

int sio_listen_watching(sio_net *net, const sio_listen_options *options, const char **why)
{
    const uint16_t port = net->port;
    net->port = 0;
    const int err =
        options->path ? sio_listen_unix(net, options, why) : sio_listen_tcp(net, options);
    if (!err)
        SIO_CONTAINER(net->listeners.prev, sio_listener, node)->kind = SIO_CONN_WATCHING;
    net->watch.port = net->port;
    net->port = port;
    return err;
}

/* The next after `node`, that of the list's head for the first one; NULL at the end. */
static sio_listener *next_listener(const sio_net *net, const sio_list *node, bool watching)
{
    while ((node = node->next) != &net->listeners) {
        sio_listener *listener = SIO_CONTAINER((sio_list *)(uintptr_t)node, sio_listener, node);
        if ((listener->kind == SIO_CONN_WATCHING) == watching)
            return listener;
    }
    return NULL;
}

static sio_listener *first_listener(const sio_net *net, bool watching)
{
    return next_listener(net, &net->listeners, watching);
}

bool sio_listen_is_open(const sio_net *net, bool watching)
{
    return first_listener(net, watching) != NULL;
}

void sio_listen_close_all(sio_net *net, bool watching)
{
    sio_listener *listener;
    for (sio_carriage *carriage = net->carriages; carriage && !watching; carriage = carriage->next)
        carriage->deaf(carriage);
    while ((listener = first_listener(net, watching)))
        listener_close(listener);
}

/* ---- sockets that change hands ---- */

static void describe(const sio_listener *listener, sio_letter_socket *out)
{
    *out = (sio_letter_socket){ .backlog = listener->backlog,
                                .is_proxied = listener->kind == SIO_CONN_PROXIED,
                                .is_tls = listener->carriage != NULL };
    if (listener->file)
        (void)snprintf(out->path, sizeof(out->path), "%s",
                       sio_socketfile_show(listener->file, &out->device, &out->inode));
}

int sio_listen_show(const sio_net *net, sio_letter_socket *out, int *fds, size_t max)
{
    size_t count = 0;
    for (const sio_listener *listener = first_listener(net, false); listener;
         listener = next_listener(net, &listener->node, false)) {
        if (count == max)
            return SIO_ELIMIT;
        if (uv_fileno(&listener->as.handle, &fds[count]))
            return SIO_ESYSTEM;
        describe(listener, &out[count++]);
    }
    return (int)count;
}

int sio_listen_take(sio_net *net, int fd, const sio_letter_socket *from, const char **why)
{
    const sio_listen_options options = { .backlog = from->backlog,
                                         .proxy_protocol = from->is_proxied != 0 };
    sio_socketfile *file = NULL;
    int err = sio_binding_adopt(fd, why);
    if (!err && from->path[0] &&
        !(file = sio_socketfile_adopt(from->path, from->device, from->inode)))
        err = SIO_ENOMEM;
    if (!err)
        err = sio_listen_on(net, fd, &options);
    if (err)
        sio_socketfile_leave(file);
    else
        SIO_CONTAINER(net->listeners.prev, sio_listener, node)->file = file;
    return err;
}

size_t sio_listen_count(const sio_net *net)
{
    size_t count = 0;
    for (const sio_listener *listener = first_listener(net, false); listener;
         listener = next_listener(net, &listener->node, false))
        count++;
    return count;
}

static sio_listener *last_listener(const sio_net *net)
{
    sio_listener *last = NULL;
    for (sio_listener *listener = first_listener(net, false); listener;
         listener = next_listener(net, &listener->node, false))
        last = listener;
    return last;
}

void sio_listen_leave(sio_net *net, size_t down_to)
{
    size_t count = sio_listen_count(net);
    for (sio_listener *listener; count > down_to && (listener = last_listener(net)); count--) {
        sio_socketfile_leave(listener->file);
        listener->file = NULL;
        listener_close(listener);
    }
}
