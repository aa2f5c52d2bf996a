#include "session.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <sio/err.h>
#include <sio/log.h>
#include <sio/sys/mem.h>

#include "certs.h"
#include "exchange.h"
#include "loop.h"

sio_tls_session *sio_tls_session_of(struct lws *wsi)
{
    return lws_get_opaque_user_data(wsi);
}

sio_tls_session *sio_tls_session_new(sio_tls_owner *owner, struct lws *wsi)
{
    sio_tls_session *session = sio_mem_zalloc(sizeof(*session));
    if (!session)
        return NULL;
    session->owner = owner;
    session->wsi = wsi;
    lws_set_opaque_user_data(wsi, session);
    return session;
}

static void count_opened(sio_tls_session *session)
{
    if (!session->opening)
        return;
    lws_sul_cancel(&session->opening->late);
    sio_mem_free(session->opening);
    session->opening = NULL;
    session->owner->unopened--;
}

/* Its streams are opened in its place. */
static bool is_http2(struct lws *wsi)
{
    SSL *ssl = lws_get_ssl(wsi);
    const unsigned char *name = NULL;
    unsigned len = 0;
    if (ssl && SSL_is_init_finished(ssl))
        SSL_get0_alpn_selected(ssl, &name, &len);
    return len == 2 && memcmp(name, "h2", 2) == 0;
}

static void on_late(lws_sorted_usec_list_t *late)
{
    sio_tls_session *session = SIO_TLS_CONTAINER(late, sio_tls_opening, late)->session;
    sio_server *server = session->owner->carriage.server;
    if (is_http2(session->wsi))
        return;
    if (server) {
        sio_carriage_slow(server);
        sio_carriage_log(server, SIO_LOG_DEBUG,
                         "a TLS connection is closed: nothing has come within head_timeout_ms");
    }
    sio_tls_session_close(session);
}

int sio_tls_session_await(sio_tls_session *session, uint32_t ms)
{
    sio_tls_opening *opening = session->opening = sio_mem_zalloc(sizeof(*opening));
    if (!opening)
        return SIO_ENOMEM;
    opening->session = session;
    session->owner->unopened++;
    if (ms)
        lws_sul_schedule(lws_get_context(session->wsi), 0, &opening->late, on_late,
                         (lws_usec_t)ms * LWS_US_PER_MS);
    return 0;
}

/* What a balancer has said of the connection, which stays known while one of HTTP/2 is there. */
static const sio_origin *named_origin(const sio_tls_session *session)
{
    const sio_tls_session *first =
        session->owner->proxied ? sio_tls_session_of(lws_get_network_wsi(session->wsi)) : NULL;
    return first && first->opening && first->opening->named ? &first->opening->origin : NULL;
}

static void put_origin(const sio_origin *origin, struct sockaddr_storage *out,
                       sio_carrier_info *info)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    const uint8_t *bytes = origin->address.bytes;
    if (origin->local)
        return;
    info->peer = (struct sockaddr *)out;
    if (sio_address_is4(&origin->address)) {
        v4->sin_family = AF_INET;
        memcpy(&v4->sin_addr, bytes + 12, sizeof(v4->sin_addr));
        info->peer_len = sizeof(*v4);
    } else {
        v6->sin6_family = AF_INET6;
        memcpy(&v6->sin6_addr, bytes, sizeof(v6->sin6_addr));
        info->peer_len = sizeof(*v6);
    }
}

/* Of an exchange the address is that of the connection that it shares. */
static void read_peer(const sio_tls_session *session, struct sockaddr_storage *out,
                      sio_carrier_info *info)
{
    socklen_t len = sizeof(*out);
    const int fd = lws_get_socket_fd(lws_get_network_wsi(session->wsi));
    const sio_origin *named = named_origin(session);
    if (named) {
        put_origin(named, out, info);
        return;
    }
    if (getpeername(fd, (struct sockaddr *)out, &len) || out->ss_family == AF_UNIX)
        return;
    info->peer = (struct sockaddr *)out;
    info->peer_len = len;
}

int sio_tls_session_open(sio_tls_session *session, const sio_carrier_ops *ops, bool shared)
{
    struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
    SSL *ssl = lws_get_ssl(lws_get_network_wsi(session->wsi));
    char *subject = NULL;
    int err = ssl ? sio_tls_certs_subject(ssl, &subject) : 0;
    sio_carrier_info info = {
        .ops = ops, .carrier = session, .secure = ssl != NULL, .shared = shared, .subject = subject
    };
    sio_conn *conn = NULL;
    read_peer(session, &peer, &info);
    count_opened(session);
    if (!err)
        err = session->owner->carriage.server
                  ? sio_carrier_open(&conn, session->owner->carriage.server, &info)
                  : SIO_ECLOSED;
    sio_mem_free(subject);
    if (!err && !session->closed)
        session->conn = conn;
    return err;
}

void sio_tls_session_lose(sio_tls_session *session)
{
    sio_conn *conn = session->conn;
    session->conn = NULL;
    session->closed = true;
    if (conn)
        sio_carrier_end(conn);
}

void sio_tls_session_pause(void *carrier, bool pause)
{
    const sio_tls_session *session = carrier;
    lws_rx_flow_control(session->wsi, !pause);
}

void sio_tls_session_close(void *carrier)
{
    sio_tls_session *session = carrier;
    session->conn = NULL;
    session->closed = true;
    if (!session->wsi)
        return;
    lws_set_timeout(session->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
    lws_cancel_service(lws_get_context(session->wsi));
}

void sio_tls_session_free(sio_tls_session *session)
{
    count_opened(session);
    sio_tls_session_lose(session);
    lws_set_opaque_user_data(session->wsi, NULL);
    sio_tls_exchange_free(session->exchange);
    sio_mem_free(session);
}
