#include "stream.h"

#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sio/sys/limits.h>

/* What libwebsockets cannot write it copies, and it must not be given more until that is out. */
static int on_write(void *carrier, const char *data, size_t len)
{
    sio_tls_session *session = carrier;
    struct lws *wsi = session->wsi;
    if (lws_partial_buffered(wsi)) {
        lws_callback_on_writable(wsi);
        return 0;
    }
    if (len > SIO_LIMIT_WRITE)
        len = SIO_LIMIT_WRITE;
    if (lws_write(wsi, (unsigned char *)(uintptr_t)data, len, LWS_WRITE_RAW) < 0)
        return -1;
    session->held = len;
    return (int)len;
}

static size_t on_queued(void *carrier)
{
    const sio_tls_session *session = carrier;
    return lws_partial_buffered(session->wsi) ? session->held : 0;
}

/* The peer must see that nothing was cut off; what it still sends is read until it closes too. */
static void say_end(sio_tls_session *session)
{
    SSL *ssl = lws_get_ssl(session->wsi);
    session->finished = true;
    if (ssl) {
        ERR_clear_error();
        SSL_shutdown(ssl);
        ERR_clear_error();
    }
    shutdown(lws_get_socket_fd(session->wsi), SHUT_WR);
}

static void on_finish(void *carrier)
{
    sio_tls_session *session = carrier;
    session->finishing = true;
    if (!lws_partial_buffered(session->wsi))
        say_end(session);
    else
        lws_callback_on_writable(session->wsi);
}

static const sio_carrier_ops ops = {
    .write = on_write,
    .queued = on_queued,
    .pause = sio_tls_session_pause,
    .finish = on_finish,
    .close = sio_tls_session_close,
};

/* The first bytes: the handshake is over, and it is no HTTP/2. Its times are the server's now. What
 * has come plainly would be no mistake of the client's, and must not be served. */
static int open_stream(sio_tls_session *session)
{
    if (!lws_get_ssl(session->wsi))
        return -1;
    lws_set_timeout(session->wsi, NO_PENDING_TIMEOUT, 0);
    return sio_tls_session_open(session, &ops, false);
}

static int on_input(sio_tls_session *session, char *data, size_t len)
{
    if (session->closed || (!session->conn && open_stream(session)))
        return -1;
    if (session->conn)
        sio_carrier_input(session->conn, data, len);
    return 0;
}

static int on_writable(sio_tls_session *session)
{
    if (lws_partial_buffered(session->wsi))
        return 0;
    if (session->finishing && !session->finished)
        say_end(session);
    else if (session->conn)
        sio_carrier_writable(session->conn);
    return 0;
}

int sio_tls_stream_event(sio_tls_session *session, enum lws_callback_reasons reason, void *in,
                         size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_RAW_RX:
        return on_input(session, in, len);
    case LWS_CALLBACK_RAW_WRITEABLE:
        return on_writable(session);
    case LWS_CALLBACK_RAW_CLOSE:
        sio_tls_session_lose(session);
        return 0;
    default:
        return 0;
    }
}
