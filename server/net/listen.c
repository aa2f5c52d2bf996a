#include "net/listen.h"

#include <sys/resource.h>

#include <sio/sys/mem.h>

#include "net/conn.h"

typedef struct sio_listener {
    uv_tcp_t tcp;
    sio_list node; /* in net->listeners */
} sio_listener;

static void on_closed(uv_handle_t *handle)
{
    sio_net_handle_closed(handle);
    sio_mem_free(SIO_CONTAINER(handle, sio_listener, tcp));
}

static void listener_close(sio_listener *listener)
{
    sio_list_remove(&listener->node);
    sio_net_close_handle((uv_handle_t *)&listener->tcp, on_closed);
}

static void complain(sio_net *net, int status)
{
    if (net->complained && uv_now(net->loop) - net->complained < SIO_LIMIT_LOG_REPEAT_MS)
        return;
    net->complained = uv_now(net->loop);
    SIO_CORE_LOG(net->server, SIO_LOG_WARN, SIO_LOG_NET, "cannot accept connections: %s",
                 uv_strerror(status));
}

/* Beyond the last descriptor libuv closes what it accepts, by one that it keeps in reserve, and
 * says nothing. */
static bool was_last_descriptor(const sio_net *net)
{
    const sio_conn *conn = SIO_CONTAINER(net->conns.prev, sio_conn, node);
    struct rlimit limit;
    uv_os_fd_t fd;
    return uv_fileno((const uv_handle_t *)&conn->tcp, &fd) == 0 &&
           getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd + 1 >= limit.rlim_cur;
}

static void on_connection(uv_stream_t *stream, int status)
{
    sio_net *net = stream->data;
    sio_net_now(net);
    if (status) {
        complain(net, status);
        return;
    }
    const int err = sio_conn_accept(net, stream);
    if (err == SIO_ENOMEM) {
        sio_net_stall(net);
        complain(net, UV_ENOMEM);
    } else if (!err && was_last_descriptor(net)) {
        complain(net, UV_EMFILE);
    }
}

void sio_listen_resume(sio_net *net)
{
    net->retry = UINT64_MAX;
    for (sio_list *node = net->listeners.next; node != &net->listeners; node = node->next) {
        sio_listener *listener = SIO_CONTAINER(node, sio_listener, node);
        if (sio_conn_accept(net, (uv_stream_t *)&listener->tcp) == SIO_ENOMEM)
            sio_net_stall(net);
    }
}

static int parse_address(struct sockaddr_storage *out, const char *host, uint16_t port)
{
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)out) == 0 ||
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)out) == 0)
        return 0;
    return SIO_EADDRESS;
}

static int error_of(int err)
{
    switch (err) {
    case UV_EADDRINUSE:
        return SIO_EADDRINUSE;
    case UV_EACCES:
    case UV_EPERM:
        return SIO_EACCESS;
    case UV_EADDRNOTAVAIL:
    case UV_EAFNOSUPPORT:
    case UV_EINVAL:
        return SIO_EADDRESS;
    case UV_ENOMEM:
        return SIO_ENOMEM;
    default:
        return SIO_ESYSTEM;
    }
}

static uint16_t port_of(const uv_tcp_t *tcp)
{
    struct sockaddr_storage address;
    int len = sizeof(address);
    if (uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &len))
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int open_at(sio_net *net, const struct sockaddr_storage *address)
{
    sio_listener *listener = sio_mem_zalloc(sizeof(*listener));
    if (!listener)
        return SIO_ENOMEM;
    uv_tcp_init(net->loop, &listener->tcp);
    listener->tcp.data = net;
    net->handles++;
    sio_list_push(&net->listeners, &listener->node);
    int err = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)address, 0);
    if (!err)
        err = uv_listen((uv_stream_t *)&listener->tcp, SIO_LIMIT_BACKLOG, on_connection);
    if (err) {
        listener_close(listener);
        return error_of(err);
    }
    net->port = port_of(&listener->tcp);
    return 0;
}

/* All addresses of both families; without IPv6 in the kernel, of the old one. */
static int open_any(sio_net *net, uint16_t port)
{
    struct sockaddr_storage address;
    int err = parse_address(&address, "::", port);
    if (!err)
        err = open_at(net, &address);
    if (err != SIO_EADDRESS)
        return err;
    err = parse_address(&address, "0.0.0.0", port);
    return err ? err : open_at(net, &address);
}

int sio_listen_open(sio_net *net, const char *host, uint16_t port)
{
    if (!host)
        return open_any(net, port);
    struct sockaddr_storage address;
    int err = parse_address(&address, host, port);
    return err ? err : open_at(net, &address);
}

void sio_listen_close_all(sio_net *net)
{
    while (!sio_list_empty(&net->listeners))
        listener_close(SIO_CONTAINER(net->listeners.next, sio_listener, node));
}
