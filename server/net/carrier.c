/* What sio/sys/carrier.h has: connections and listeners of libsio-tls. */
#include <sio/sys/carrier.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "net/conn.h"
#include "net/door.h"
#include "net/listen.h"
#include "net/source.h"

/* ---- connections ---- */

static int fill(sio_conn *conn, const sio_carrier_info *info)
{
    sio_carried *line = &conn->line;
    conn->carried = true;
    line->ops = info->ops;
    line->carrier = info->carrier;
    line->secure = info->secure;
    line->shared = info->shared;
    sio_list_init(&line->writes);
    line->peer.ss_family = AF_UNIX;
    if (info->peer && info->peer_len <= sizeof(line->peer))
        memcpy(&line->peer, info->peer, info->peer_len);
    if (!info->subject)
        return 0;
    line->subject = sio_mem_strndup(info->subject, strlen(info->subject));
    return line->subject ? 0 : SIO_ENOMEM;
}

int sio_carrier_open(sio_conn **out, sio_server *server, const sio_carrier_info *info)
{
    sio_net *net = server->net;
    if (net->closing)
        return SIO_ECLOSED;
    sio_conn *conn = sio_mem_zalloc(sizeof(*conn));
    if (!conn)
        return SIO_ENOMEM;
    conn->net = net;
    if (fill(conn, info)) {
        sio_mem_free(conn);
        return SIO_ENOMEM;
    }
    sio_net_now(net);
    sio_list_push(&net->conns, &conn->node);
    sio_net_deadline(net, &net->heads, &conn->deadline);
    *out = conn;
    sio_door_accept(conn);
    return 0;
}

void sio_carrier_input(sio_conn *conn, char *data, size_t len)
{
    sio_net_now(conn->net);
    sio_conn_input(conn, data, len);
}

void sio_carrier_writable(sio_conn *conn)
{
    sio_net_now(conn->net);
    sio_line_pump(conn);
}

/* What is not written by now never will be. */
void sio_carrier_end(sio_conn *conn)
{
    sio_net_now(conn->net);
    conn->line.carrier = NULL;
    if (conn->state == SIO_CONN_SERVING && conn->writing)
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
    else
        sio_conn_ended(conn);
}

/* ---- the server around it ---- */

int sio_carriage_add(sio_server *server, sio_carriage *carriage)
{
    sio_net *net = server->net;
    if (net->closing || server->departures.deaf)
        return SIO_ECLOSED;
    carriage->server = server;
    carriage->net = net;
    carriage->prev = NULL;
    carriage->next = net->carriages;
    if (net->carriages)
        net->carriages->prev = carriage;
    net->carriages = carriage;
    net->handles++;
    return 0;
}

sio_carriage *sio_carriage_first(const sio_server *server)
{
    const sio_net *net = server->net;
    return net->carriages;
}

void sio_carriage_stopped(sio_carriage *carriage)
{
    sio_net *net = carriage->net;
    if (carriage->prev)
        carriage->prev->next = carriage->next;
    else
        net->carriages = carriage->next;
    if (carriage->next)
        carriage->next->prev = carriage->prev;
    sio_net_release_handle(net);
}

bool sio_carriage_has_room(sio_carriage *carriage, size_t more)
{
    sio_server *server = carriage->server;
    const uint32_t most = server ? server->limits.max_connections : 1;
    if (most == 0 || (server && server->stats.connections + more < most))
        return true;
    if (server)
        server->stats.refused_connections++;
    return false;
}

bool sio_carriage_trusts(sio_carriage *carriage, int fd)
{
    const sio_net *net = carriage->net;
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof(address);
    if (!getpeername(fd, (struct sockaddr *)&address, &len) && sio_source_trusts(net, &address))
        return true;
    if (carriage->server)
        SIO_CORE_LOG(carriage->server, SIO_LOG_WARN, SIO_LOG_NET,
                     "a connection is closed: its peer is none of trusted_proxies");
    return false;
}

struct uv_loop_s *sio_carriage_loop(const sio_server *server)
{
    const sio_net *net = server->net;
    return net->loop;
}

sio_str sio_carriage_path(const sio_server *server)
{
    const sio_net *net = server->net;
    return (sio_str){ net->path, net->path_len };
}

uint32_t sio_carriage_head_ms(const sio_server *server)
{
    const sio_net *net = server->net;
    return (uint32_t)net->heads.interval_ms;
}

void sio_carriage_slow(sio_server *server)
{
    server->stats.timed_out++;
}

int sio_carriage_fail(sio_server *server, int err, const char *text)
{
    return sio_core_fail(server, err, SIO_LOG_NET, "%s", text);
}

void sio_carriage_log(sio_server *server, int level, const char *text)
{
    SIO_CORE_LOG(server, (sio_log_level)level, SIO_LOG_NET, "%s", text);
}
