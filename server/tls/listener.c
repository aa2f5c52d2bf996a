/* sio_server_listen_tls: a context and a vhost of libwebsockets for each listener. */
#include <sio/tls.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/log.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include <openssl/err.h>

#include "certs.h"
#include "exchange.h"
#include "loop.h"
#include "preface.h"
#include "stream.h"

typedef struct listener {
    sio_tls_owner owner;
    sio_tls_loop *loop;
    struct lws_context *context;
    struct lws_vhost *vhost;
    sio_tls_certs *certs;
    sio_tls_prefaces prefaces;
    const sio_origin *named; /* where the connection that is being adopted comes from */
    uint32_t head_ms;        /* how long a handshake may take; 0: for ever */
    bool added;              /* to the server's carriages */
    char why[SIO_TLS_WHY_SIZE];
} listener;

static listener *listener_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* ---- the log ---- */

static void tell(const listener *of, const char *what, const char *why)
{
    char text[200];
    if (!of->owner.carriage.server)
        return;
    snprintf(text, sizeof(text), "a TLS handshake failed: %s%s", what, why ? why : "no reason");
    sio_carriage_log(of->owner.carriage.server, SIO_LOG_DEBUG, text);
}

static void on_info(const SSL *ssl, int where, int ret)
{
    const SSL_CTX *context = SSL_get_SSL_CTX(ssl);
    const listener *of = SSL_CTX_get_app_data(context);
    const unsigned long error = ERR_peek_last_error();
    if (where == SSL_CB_READ_ALERT && ret >> 8 == SSL3_AL_FATAL)
        tell(of, "the client says ", SSL_alert_desc_string_long(ret));
    else if (where == SSL_CB_ACCEPT_EXIT && ret <= 0 && error)
        tell(of, "", ERR_reason_error_string(error));
}

/* ---- what libwebsockets asks ---- */

static int set_up_tls(listener *of, SSL_CTX *context)
{
    SSL_CTX_set_app_data(context, of);
    SSL_CTX_set_info_callback(context, on_info);
    return sio_tls_certs_apply(of->certs, context, of->why);
}

static int adopt(listener *of, struct lws *wsi)
{
    sio_tls_session *session = sio_tls_session_new(&of->owner, wsi);
    if (!session || sio_tls_session_await(session, of->head_ms))
        return -1;
    session->opening->named = of->named != NULL;
    if (of->named)
        session->opening->origin = *of->named;
    return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    sio_tls_session *session;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return set_up_tls(listener_of(wsi), user);
    case LWS_CALLBACK_RAW_ADOPT:
        return adopt(listener_of(wsi), wsi);
    case LWS_CALLBACK_RAW_RX:
    case LWS_CALLBACK_RAW_WRITEABLE:
    case LWS_CALLBACK_RAW_CLOSE:
        session = sio_tls_session_of(wsi);
        return session ? sio_tls_stream_event(session, reason, in, len) : 0;
    case LWS_CALLBACK_WSI_DESTROY:
        session = sio_tls_session_of(wsi);
        if (session)
            sio_tls_session_free(session);
        return 0;
    default:
        return sio_tls_exchange_event(&listener_of(wsi)->owner, wsi, reason, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "sio", .callback = on_event },
    LWS_PROTOCOL_LIST_TERM,
};

static const struct lws_http_mount everything = {
    .mountpoint = "/",
    .mountpoint_len = 1,
    .origin = "sio",
    .protocol = "sio",
    .origin_protocol = LWSMPRO_CALLBACK,
};

/* ---- its end ---- */

static void on_gone(void *data)
{
    listener *of = data;
    sio_tls_certs_free(of->certs);
    if (of->added)
        sio_carriage_stopped(&of->owner.carriage);
    sio_mem_free(of);
}

static void on_deaf(sio_carriage *carriage)
{
    (void)carriage; /* its listening socket is the server's */
}

static void on_prefaces_gone(sio_tls_prefaces *all)
{
    sio_tls_loop_end(SIO_TLS_CONTAINER(all, listener, prefaces)->loop);
}

static void on_stop(sio_carriage *carriage)
{
    listener *of = (listener *)carriage;
    sio_tls_prefaces_end(&of->prefaces);
}

/* ---- its beginning ---- */

/* libwebsockets asks OpenSSL for two numbers when the first context is made, which those of all
 * threads share: made at once by two threads, one would go on with numbers that are not there. */
static uv_mutex_t making;
static uv_once_t once = UV_ONCE_INIT;

static void init_making(void)
{
    if (uv_mutex_init(&making))
        abort();
}

/* Our own time, which is counted, ends before that of libwebsockets. */
#define HANDSHAKE_S(ms) ((ms) ? (ms) / 1000 + 2 : 0)

static int make_context(listener *of, sio_server *server)
{
    of->head_ms = sio_carriage_head_ms(server);
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .user = of,
        .timeout_secs = HANDSHAKE_S(of->head_ms),
        .pt_serv_buf_size = SIO_LIMIT_READ + LWS_PRE,
        .max_http_header_data = SIO_LIMIT_HTTP_HEAD,
        .protocols = protocols,
    };
    sio_tls_loop_use(of->loop, &info);
    uv_once(&once, init_making);
    uv_mutex_lock(&making);
    of->context = lws_create_context(&info);
    uv_mutex_unlock(&making);
    return of->context ? 0 : SIO_ESYSTEM;
}

static int make_vhost(listener *of, const sio_tls_options *options)
{
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .vhost_name = "sio",
        .options = LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS, /* which it would read for clients */
        .alpn = options->http2 ? "h2,http/1.1" : "http/1.1",
        .protocols = protocols,
        .mounts = &everything,
    };
    of->vhost = lws_create_vhost(of->context, &info);
    return of->vhost ? 0 : SIO_EINVAL;
}

/* libwebsockets closes what it does not take. */
static void begin_tls(listener *of, int fd, const sio_origin *named)
{
    const lws_sock_file_fd_type descriptor = { .sockfd = fd };
    of->named = named;
    lws_adopt_descriptor_vhost(of->vhost, LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL, descriptor, "sio",
                               NULL);
    of->named = NULL;
}

static void on_preface(sio_tls_prefaces *all, int fd, const sio_origin *named)
{
    begin_tls(SIO_TLS_CONTAINER(all, listener, prefaces), fd, named);
}

/* False: it is the caller's still. */
static bool take(listener *of, int fd)
{
    sio_carriage *carriage = &of->owner.carriage;
    if (!sio_carriage_has_room(carriage, of->owner.unopened))
        return false;
    if (of->owner.proxied)
        return sio_carriage_trusts(carriage, fd) &&
               sio_tls_preface_await(&of->prefaces, sio_carriage_loop(carriage->server), fd) == 0;
    begin_tls(of, fd, NULL);
    return true;
}

static void on_connection(sio_carriage *carriage, int fd)
{
    if (!take((listener *)carriage, fd))
        close(fd);
}

/* The log of libwebsockets is one of the process, and goes to stderr. What matters of it is in
 * ours. */
static void silence(void)
{
    lws_set_log_level(0, NULL);
}

static int start(listener *of, sio_server *server, const sio_listen_options *where,
                 const sio_tls_options *options)
{
    of->owner.carriage.deaf = on_deaf;
    of->owner.carriage.stop = on_stop;
    of->owner.proxied = where->proxy_protocol;
    snprintf(of->why, sizeof(of->why), "libwebsockets makes no context");
    int err = make_context(of, server);
    if (!err)
        err = make_vhost(of, options);
    if (err)
        return err;
    of->prefaces = (sio_tls_prefaces){
        .owner = &of->owner, .ms = of->head_ms, .done = on_preface, .gone = on_prefaces_gone
    };
    err = sio_carriage_add(server, &of->owner.carriage);
    if (err)
        return err;
    of->added = true;
    of->why[0] = '\0'; /* from here on the server says itself what is wrong */
    return sio_carriage_listen(&of->owner.carriage, where, on_connection);
}

static int fail(sio_server *server, int err, const char *why)
{
    char text[SIO_TLS_WHY_SIZE + 40];
    snprintf(text, sizeof(text), "cannot listen with TLS: %s", why);
    return sio_carriage_fail(server, err, text);
}

int sio_server_listen_tls(sio_server *server, const sio_listen_options *where,
                          const sio_tls_options *options)
{
    char why[SIO_TLS_WHY_SIZE] = "out of memory";
    sio_tls_certs *certs;
    int err = sio_tls_certs_new(&certs, options, why);
    if (err)
        return fail(server, err, why);
    silence();
    listener *of = sio_mem_zalloc(sizeof(*of));
    if (of)
        of->loop = sio_tls_loop_new(sio_carriage_loop(server), on_gone, of);
    if (!of || !of->loop) {
        sio_mem_free(of);
        sio_tls_certs_free(certs);
        return fail(server, SIO_ENOMEM, why);
    }
    of->certs = certs;
    err = start(of, server, where, options);
    if (err && of->why[0])
        fail(server, err, of->why);
    if (err)
        sio_tls_loop_end(of->loop);
    return err;
}

static listener *next_listener(sio_carriage *at)
{
    while (at && at->stop != on_stop)
        at = at->next;
    return (listener *)at;
}

int sio_server_reload_tls(sio_server *server)
{
    char why[SIO_TLS_WHY_SIZE], text[SIO_TLS_WHY_SIZE + 40];
    listener *first = next_listener(sio_carriage_first(server));
    for (listener *at = first; at; at = next_listener(at->owner.carriage.next)) {
        const int err = sio_tls_certs_read(at->certs, why);
        if (!err)
            continue;
        snprintf(text, sizeof(text), "cannot reload certificates: %s", why);
        return sio_carriage_fail(server, err, text);
    }
    for (listener *at = first; at; at = next_listener(at->owner.carriage.next))
        sio_tls_certs_show(at->certs);
    return 0;
}
