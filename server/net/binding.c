#include "net/binding.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

int sio_binding_error(int number)
{
    switch (number) {
    case EADDRINUSE:
        return SIO_EADDRINUSE;
    case EACCES:
    case EPERM:
        return SIO_EACCESS;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL:
        return SIO_EADDRESS;
    case ENOENT:
    case ENOTDIR:
        return SIO_ENOTFOUND;
    case ENOMEM:
    case ENOBUFS:
        return SIO_ENOMEM;
    default:
        return SIO_ESYSTEM;
    }
}

int sio_binding_backlog(uint32_t backlog)
{
    if (backlog == 0)
        return SIO_LIMIT_BACKLOG;
    return backlog < INT_MAX ? (int)backlog : INT_MAX;
}

/* ---- TCP ---- */

static int parse_address(struct sockaddr_storage *out, const char *host, uint16_t port)
{
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)out) == 0 ||
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)out) == 0)
        return 0;
    return SIO_EADDRESS;
}

/* After a restart the address is taken anew though connections of before are still ending. */
static int set_up(int fd, const sio_listen_options *options, bool ipv6)
{
    const int on = 1, only = options->ipv6_only;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
        (options->reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on))) ||
        (ipv6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only))))
        return -1;
    return 0;
}

static int open_at(int *out, const struct sockaddr_storage *address,
                   const sio_listen_options *options)
{
    const bool ipv6 = address->ss_family == AF_INET6;
    const socklen_t len = ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    const int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return sio_binding_error(errno);
    if (set_up(fd, options, ipv6) || bind(fd, (const struct sockaddr *)address, len) ||
        listen(fd, sio_binding_backlog(options->backlog))) {
        const int err = sio_binding_error(errno);
        close(fd);
        return err;
    }
    *out = fd;
    return 0;
}

/* All addresses of both families; without IPv6 in the kernel, of the old one. */
static int open_any(int *fd, const sio_listen_options *options)
{
    struct sockaddr_storage address;
    int err = parse_address(&address, "::", options->port);
    if (!err)
        err = open_at(fd, &address, options);
    if (err != SIO_EADDRESS || options->ipv6_only)
        return err;
    err = parse_address(&address, "0.0.0.0", options->port);
    return err ? err : open_at(fd, &address, options);
}

int sio_binding_tcp(int *fd, const sio_listen_options *options)
{
    struct sockaddr_storage address;
    if (!options->host)
        return open_any(fd, options);
    const int err = parse_address(&address, options->host, options->port);
    if (err)
        return err;
    if (options->ipv6_only && address.ss_family != AF_INET6)
        return SIO_EINVAL;
    return open_at(fd, &address, options);
}

/* ---- where one is ---- */

uint16_t sio_binding_port(int fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len))
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): it was 0, and getsockname has set it */
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static bool is_any(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr)
               : ((const struct sockaddr_in *)address)->sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool is_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family)
        return false;
    if (a->ss_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)b)->sin_addr.s_addr;
    return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
                              &((const struct sockaddr_in6 *)b)->sin6_addr);
}

bool sio_binding_is_at(int fd, const sio_listen_options *options)
{
    struct sockaddr_storage is = { 0 }, wanted = { 0 };
    socklen_t len = sizeof(is);
    if (getsockname(fd, (struct sockaddr *)&is, &len) ||
        (is.ss_family != AF_INET && is.ss_family != AF_INET6))
        return false;
    if (options->port && options->port != sio_binding_port(fd))
        return false;
    return options->host ? parse_address(&wanted, options->host, 0) == 0 && is_same(&is, &wanted)
                         : is_any(&is);
}

void sio_binding_text(int fd, char out[SIO_BINDING_TEXT])
{
    struct sockaddr_storage is = { 0 };
    socklen_t len = sizeof(is);
    char host[INET6_ADDRSTRLEN] = "?";
    (void)getsockname(fd, (struct sockaddr *)&is, &len);
    (void)uv_ip_name((const struct sockaddr *)&is, host, sizeof(host));
    (void)snprintf(out, SIO_BINDING_TEXT, "%s port %u", host, sio_binding_port(fd));
}

/* ---- handed in ---- */

static const char *look(int fd)
{
    int type = 0;
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof(type);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
        return errno == ENOTSOCK ? "it is no socket" : "it is not open";
    if (type != SOCK_STREAM)
        return "it is no stream socket";
    len = sizeof(address);
    if (getpeername(fd, (struct sockaddr *)&address, &len) == 0)
        return "it is connected already (a .socket unit needs Accept=no)";
    len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) ||
        (address.ss_family != AF_INET && address.ss_family != AF_INET6 &&
         address.ss_family != AF_UNIX))
        return "it is no socket of TCP or of a unix path";
    return NULL;
}

int sio_binding_adopt(int fd, const char **why)
{
    *why = look(fd);
    if (*why)
        return SIO_EINVAL;
    if (listen(fd, SIO_LIMIT_BACKLOG)) {
        const int number = errno;
        *why = number == EINVAL ? "it is not bound to an address" : NULL;
        return number == EINVAL ? SIO_EINVAL : sio_binding_error(number);
    }
    return fcntl(fd, F_SETFD, FD_CLOEXEC) ? SIO_ESYSTEM : 0;
}
