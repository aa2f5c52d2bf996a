#include "session.h"

#include <sys/socket.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "certs.h"
#include "exchange.h"

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
    session->owner->unopened -= session->unopened;
    session->unopened = false;
}

/* Of an exchange the address is that of the connection that it shares. */
static void read_peer(struct lws *wsi, struct sockaddr_storage *out, sio_carrier_info *info)
{
    socklen_t len = sizeof(*out);
    const int fd = lws_get_socket_fd(lws_get_network_wsi(wsi));
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
    read_peer(session->wsi, &peer, &info);
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
