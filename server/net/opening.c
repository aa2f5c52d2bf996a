#include "net/opening.h"

#include <sio/err.h>

#include "net/http.h"
#include "net/query.h"
#include "net/refusal.h"
#include "net/router.h"
#include "net/view.h"

/* It stands in URLs and cookies as it is. */
static bool is_id(const char *id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_.~";
    const size_t len = strnlen(id, SIO_SESSION_ID_SIZE);
    return len > 0 && len < SIO_SESSION_ID_SIZE && strspn(id, allowed) == len;
}

static int generate(sio_conn *conn, const sio_request *request, char id[SIO_SESSION_ID_SIZE])
{
    sio_server *server = conn->net->server;
    sio_http_request view;
    if (sio_view_init(&view, conn, request))
        return SIO_ENOMEM;
    memset(id, 0, SIO_SESSION_ID_SIZE);
    sio_core_enter(server);
    const int err = conn->net->hooks.generate_id(server, &view, id, server->data);
    sio_core_leave(server);
    sio_view_free(&view);
    if (err || !is_id(id))
        return SIO_EINVAL;
    return sio_client_find(server, sio_str_from(id)) ? SIO_EEXISTS : 0;
}

static int open_client(sio_client **out, sio_conn *conn, const sio_request *request, sio_link *link)
{
    const sio_eio_transport transport = link ? SIO_EIO_WEBSOCKET : SIO_EIO_POLLING;
    sio_server *server = conn->net->server;
    char id[SIO_SESSION_ID_SIZE];
    const bool named = conn->net->hooks.generate_id != NULL;
    const int err = named ? generate(conn, request, id) : 0;
    if (err)
        return err;
    sio_engine_query query;
    sio_query_read(&query, sio_request_url(request));
    sio_handshake *handshake = sio_router_handshake(conn, request);
    if (!handshake)
        return SIO_ENOMEM;
    if (named)
        return sio_client_new_as(out, server, transport, query.dialect, id, handshake, link);
    return sio_client_new(out, server, transport, query.dialect, handshake, link);
}

static void refuse(sio_conn *conn, const sio_request *request, int err, bool upgrade)
{
    const sio_refusal no_id = { SIO_ENGINE_BAD_REQUEST, "ID_GENERATION_ERROR", 0 };
    if (err == SIO_EINVAL || err == SIO_EEXISTS) {
        sio_refusal_answer(conn, request, no_id, upgrade);
        return;
    }
    conn->keep_alive = false;
    sio_http_respond(conn, &(sio_response){ .status = 503 });
}

sio_client *sio_opening_client(sio_conn *conn, const sio_request *request, sio_link *link)
{
    sio_client *client;
    const int err = open_client(&client, conn, request, link);
    if (!err)
        return client;
    refuse(conn, request, err, link != NULL);
    return NULL;
}
