/* What sio/listen.h has, and its lines in the log. */
#include <sio/listen.h>

#include <stdio.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/carrier.h>

#include "net/activation.h"
#include "net/binding.h"
#include "net/inheritance.h"
#include "net/listen.h"

/* Where it listens, for people. */
typedef struct place {
    char text[160];
} place;

static place place_of(const sio_listen_options *options, uint16_t port)
{
    place out;
    if (options->path)
        snprintf(out.text, sizeof(out.text), "unix:%s", options->path);
    else
        snprintf(out.text, sizeof(out.text), "%s port %u", options->host ? options->host : "*",
                 port);
    return out;
}

/* Most who write a name here believe that it is looked up. */
static const char *why_address(const sio_listen_options *options)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    const char *host = options->host;
    if (!host || strcmp(host, "localhost") == 0 || uv_ip4_addr(host, 0, &v4) == 0 ||
        uv_ip6_addr(host, 0, &v6) == 0)
        return "this machine has no such address";
    return "this is no IP address, and names are not looked up";
}

static int report(sio_server *server, int err, const char *text, const char *why)
{
    if (err)
        return sio_core_fail(server, err, SIO_LOG_NET, "cannot listen on %s: %s", text,
                             why ? why : sio_err_message(err));
    SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_NET, "listening on %s", text);
    return 0;
}

static int refuse(sio_server *server, int err, const char *why)
{
    return sio_core_fail(server, err, SIO_LOG_NET, "cannot listen: %s", why);
}

static int refuse_end(sio_server *server)
{
    return refuse(server, SIO_ECLOSED,
                  sio_net_is_ours(server->net) ? "the server is closing" : "it is the parent's");
}

static int listen_unix(sio_net *net, const sio_listen_options *options, const char **why)
{
    if (options->host || options->port || options->reuse_port || options->ipv6_only) {
        *why = "a path has no host, port, reuse_port or ipv6_only";
        return SIO_EINVAL;
    }
    return sio_listen_unix(net, options, why);
}

static int listen_tcp(sio_net *net, const sio_listen_options *options, const char **why)
{
    if (options->mode) {
        *why = "a mode without a path";
        return SIO_EINVAL;
    }
    return sio_listen_tcp(net, options);
}

static bool is_over(const sio_server *server)
{
    return server->closing || server->departures.deaf || !sio_net_is_ours(server->net);
}

static const char *object_to_proxy(const sio_net *net, const sio_listen_options *options)
{
    return options->proxy_protocol && !sio_trust_any(&net->trust)
               ? "proxy_protocol without trusted_proxies: anybody could name any address"
               : NULL;
}

int sio_server_listen_with(sio_server *server, const sio_listen_options *options)
{
    sio_net *net = server->net;
    const char *why = object_to_proxy(net, options);
    if (is_over(server))
        return refuse_end(server);
    if (why)
        return refuse(server, SIO_EINVAL, why);
    const int err =
        options->path ? listen_unix(net, options, &why) : listen_tcp(net, options, &why);
    if (err == SIO_EADDRESS && !options->path)
        why = why_address(options);
    return report(server, err, place_of(options, err ? options->port : net->port).text, why);
}

int sio_carriage_listen(sio_carriage *carriage, const sio_listen_options *options,
                        void (*take)(sio_carriage *carriage, int fd))
{
    sio_server *server = carriage->server;
    sio_net *net = carriage->net;
    const char *why = object_to_proxy(net, options);
    int err = is_over(server) || why ? 0 : sio_inheritance_listen(net, options, &why);
    if (err == 0)
        err = sio_server_listen_with(server, options);
    else
        err = report(server, err < 0 ? err : 0,
                     place_of(options, err < 0 ? options->port : net->port).text, why);
    if (!err)
        sio_listen_hand_over(net, carriage, take);
    return err;
}

int sio_server_listen(sio_server *server, const char *host, uint16_t port)
{
    return sio_server_listen_with(server, &(sio_listen_options){ .host = host, .port = port });
}

int sio_server_listen_unix(sio_server *server, const char *path, uint32_t mode)
{
    if (!path)
        return refuse(server, SIO_EINVAL, "there is no path");
    return sio_server_listen_with(server, &(sio_listen_options){ .path = path, .mode = mode });
}

/* ---- sockets that were handed in ---- */

static const char *object_to_place(const sio_net *net, const sio_listen_options *options)
{
    if (options->host || options->port || options->path || options->mode || options->reuse_port ||
        options->ipv6_only)
        return "where a socket listens that is handed in is decided already";
    return object_to_proxy(net, options);
}

int sio_server_listen_fd_with(sio_server *server, int fd, const sio_listen_options *options)
{
    const char *why = object_to_place(server->net, options);
    char text[40];
    if (is_over(server))
        return refuse_end(server);
    if (why)
        return refuse(server, SIO_EINVAL, why);
    int err = sio_binding_adopt(fd, &why);
    if (!err)
        err = sio_listen_on(server->net, fd, options);
    snprintf(text, sizeof(text), "descriptor %d", fd);
    return report(server, err, text, err == SIO_EEXISTS ? "it is being listened on already" : why);
}

int sio_server_listen_fd(sio_server *server, int fd)
{
    return sio_server_listen_fd_with(server, fd, &(sio_listen_options){ 0 });
}

static int listen_each(sio_server *server, const sio_activation *activation, const char *name,
                       const sio_listen_options *options)
{
    int taken = 0;
    for (int i = 0; i < activation->count; i++) {
        if (!sio_activation_is(activation, i, name))
            continue;
        const int err = sio_server_listen_fd_with(server, activation->first + i, options);
        if (err)
            return err;
        taken++;
    }
    return taken;
}

int sio_server_listen_systemd_with(sio_server *server, const char *name,
                                   const sio_listen_options *options)
{
    sio_activation activation;
    if (is_over(server))
        return refuse_end(server);
    const int err = sio_activation_read(&activation);
    if (err)
        return report(server, err, "sockets of systemd", "LISTEN_PID or LISTEN_FDS is no number");
    return listen_each(server, &activation, name, options);
}

int sio_server_listen_systemd(sio_server *server, const char *name)
{
    return sio_server_listen_systemd_with(server, name, &(sio_listen_options){ 0 });
}

uint16_t sio_server_port(const sio_server *server)
{
    const sio_net *net = server->net;
    return net->port;
}
