/* sio_server_attach_lws: a protocol and a mount of ours on a vhost of the program. */
#include <sio/lws.h>

#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "exchange.h"
#include "loop.h"
#include "request.h"

#define NAME "socket.io"

typedef struct mount {
    sio_tls_owner owner;
    const struct lws_protocols *theirs; /* the one that was the vhost's default before */
    struct lws_protocols *protocols;    /* all of theirs, and ours */
    struct lws_http_mount http;
    struct lws_protocol_vhost_options pvo, option;
    char *path; /* without a slash at its end */
    size_t path_len;
    bool stopped; /* the server is done */
    bool lives;   /* the vhost has been made and not been destroyed */
} mount;

/* What stands before the session data of the program, if a connection is of our protocol. */
typedef struct own {
    sio_tls_session *session; /* NULL: it is the program's */
    void *aligned;
} own;

static void mount_free(mount *of)
{
    sio_mem_free(of->protocols);
    sio_mem_free(of->path);
    sio_mem_free(of);
}

/* ---- which connections are ours ---- */

static bool is_ours(const mount *of, struct lws *wsi)
{
    const sio_str path = sio_tls_request_path(wsi);
    return path.data && path.len >= of->path_len &&
           memcmp(path.data, of->path, of->path_len) == 0 &&
           (path.len == of->path_len || path.data[of->path_len] == '/');
}

/* Those that begin something that may be ours. */
static bool begins(enum lws_callback_reasons reason)
{
    return reason == LWS_CALLBACK_HTTP || reason == LWS_CALLBACK_HTTP_CONFIRM_UPGRADE ||
           reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION;
}

static bool ends(enum lws_callback_reasons reason)
{
    return reason == LWS_CALLBACK_CLOSED || reason == LWS_CALLBACK_CLOSED_HTTP ||
           reason == LWS_CALLBACK_HTTP_DROP_PROTOCOL ||
           reason == LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL;
}

static int forward(const mount *of, struct lws *wsi, enum lws_callback_reasons reason, own *data,
                   void *in, size_t len)
{
    const bool has_data = data && of->theirs->per_session_data_size > 0;
    return of->theirs->callback(wsi, reason, has_data ? data + 1 : NULL, in, len);
}

/* A connection is one request after the other: what was ours ends with it. */
static int serve(mount *of, struct lws *wsi, enum lws_callback_reasons reason, own *data, void *in,
                 size_t len)
{
    if (!data->session && reason == LWS_CALLBACK_HTTP_CONFIRM_UPGRADE)
        return 0;
    if (!data->session)
        lws_set_opaque_user_data(wsi, NULL);
    if (data->session && ends(reason)) {
        sio_tls_session *session = data->session;
        data->session = NULL;
        sio_tls_session_free(session);
        return 0;
    }
    const int answer = sio_tls_exchange_event(&of->owner, wsi, reason, in, len);
    if (begins(reason))
        data->session = sio_tls_session_of(wsi);
    return answer;
}

static int vhost_event(mount *of, enum lws_callback_reasons reason)
{
    if (reason == LWS_CALLBACK_PROTOCOL_INIT)
        of->lives = true;
    if (reason != LWS_CALLBACK_PROTOCOL_DESTROY)
        return 0;
    of->lives = false;
    if (!of->stopped)
        sio_carriage_stopped(&of->owner.carriage);
    mount_free(of);
    return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    const struct lws_protocols *ours = lws_get_protocol(wsi);
    mount *of = ours ? ours->user : NULL;
    own *data = user;
    if (!of)
        return 0;
    if (reason == LWS_CALLBACK_PROTOCOL_INIT || reason == LWS_CALLBACK_PROTOCOL_DESTROY)
        return vhost_event(of, reason);
    if (data && (data->session || (begins(reason) && is_ours(of, wsi))))
        return serve(of, wsi, reason, data, in, len);
    return forward(of, wsi, reason, data, in, len);
}

/* ---- into the vhost ---- */

static size_t count_of(const struct lws_protocols *protocols)
{
    size_t count = 0;
    while (protocols[count].callback)
        count++;
    return count;
}

static const struct lws_protocols *find(const struct lws_protocols *in, const char *name)
{
    for (; in->callback; in++)
        if (strcmp(in->name, name) == 0)
            return in;
    return NULL;
}

/* An option of a protocol says which is the default; without one it is the first. */
static const struct lws_protocols *default_of(const struct lws_context_creation_info *info)
{
    const struct lws_protocols *named = NULL;
    for (const struct lws_protocol_vhost_options *at = info->pvo; at && !named; at = at->next)
        for (const struct lws_protocol_vhost_options *option = at->options; option;
             option = option->next)
            if (strcmp(option->name, "default") == 0)
                named = find(info->protocols, at->name);
    return named ? named : info->protocols;
}

static int copy_protocols(mount *of, const struct lws_context_creation_info *info)
{
    const size_t count = count_of(info->protocols);
    of->theirs = default_of(info);
    of->protocols = sio_mem_zalloc((count + 2) * sizeof(*of->protocols));
    if (!of->protocols)
        return SIO_ENOMEM;
    memcpy(of->protocols, info->protocols, count * sizeof(*of->protocols));
    struct lws_protocols *ours = &of->protocols[count];
    *ours = *of->theirs;
    ours->name = NAME;
    ours->callback = on_event;
    ours->user = of;
    ours->per_session_data_size = sizeof(own) + of->theirs->per_session_data_size;
    return 0;
}

/* The default, since a WebSocket that names no subprotocol goes to none else. */
static void join(mount *of, struct lws_context_creation_info *info)
{
    of->option = (struct lws_protocol_vhost_options){ .name = "default", .value = "1" };
    of->pvo = (struct lws_protocol_vhost_options){
        .next = info->pvo, .options = &of->option, .name = NAME, .value = ""
    };
    of->http = (struct lws_http_mount){
        .mount_next = info->mounts,
        .mountpoint = of->path,
        .mountpoint_len = (unsigned char)of->path_len,
        .origin = NAME,
        .protocol = NAME,
        .origin_protocol = LWSMPRO_CALLBACK,
    };
    info->pvo = &of->pvo;
    info->mounts = &of->http;
    info->protocols = of->protocols;
}

static void on_deaf(sio_carriage *carriage)
{
    (void)carriage; /* requests that come now are refused by the server itself */
}

static void on_stop(sio_carriage *carriage)
{
    mount *of = (mount *)carriage;
    of->stopped = true;
    carriage->server = NULL;
    sio_carriage_stopped(carriage);
    if (!of->lives)
        mount_free(of);
}

static int make(mount **out, sio_server *server, const struct lws_context_creation_info *info)
{
    sio_str path = sio_carriage_path(server);
    mount *of = sio_mem_zalloc(sizeof(*of));
    if (!of)
        return SIO_ENOMEM;
    if (path.len > 1 && path.data[path.len - 1] == '/')
        path.len--;
    of->path = sio_mem_strndup(path.data, path.len);
    of->path_len = path.len;
    of->owner.carriage.deaf = on_deaf;
    of->owner.carriage.stop = on_stop;
    int err = of->path ? copy_protocols(of, info) : SIO_ENOMEM;
    if (!err)
        err = sio_carriage_add(server, &of->owner.carriage);
    if (err)
        mount_free(of);
    else
        *out = of;
    return err;
}

int sio_server_attach_lws(sio_server *server, struct lws_context_creation_info *info)
{
    mount *of;
    if (!info->protocols || !info->protocols->callback)
        return sio_carriage_fail(server, SIO_EINVAL,
                                 "cannot attach: the vhost has no protocol of its own");
    if (find(info->protocols, NAME))
        return sio_carriage_fail(server, SIO_EEXISTS,
                                 "cannot attach: the vhost has a protocol \"" NAME "\" already");
    if (sio_carriage_path(server).len > UINT8_MAX)
        return sio_carriage_fail(server, SIO_EINVAL,
                                 "cannot attach: libwebsockets mounts paths of 255 bytes at most");
    const int err = make(&of, server, info);
    if (err)
        return sio_carriage_fail(server, err,
                                 err == SIO_ECLOSED ? "cannot attach: the server is closing"
                                                    : "cannot attach: out of memory");
    join(of, info);
    return 0;
}

int sio_lws_use_loop(struct lws_context_creation_info *info, struct uv_loop_s *uv)
{
    sio_tls_loop *loop = sio_tls_loop_new(uv, NULL, NULL);
    if (!loop)
        return SIO_ENOMEM;
    sio_tls_loop_use(loop, info);
    return 0;
}
