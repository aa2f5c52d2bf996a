#include "net/relay.h"

#include <unistd.h>

#include <sio/sys/mem.h>

#include "net/handover.h"
#include "net/query.h"
#include "net/router.h"
#include "net/source.h"

bool sio_relay_on(const sio_net *net)
{
    return net->handover && (net->handover->predecessor || net->handover->successor);
}

/* Whose the request is: a session's that we do not have, or a new one's that we do not want. */
static sio_courier *whose(const sio_conn *conn)
{
    const sio_handover *state = conn->net->handover;
    sio_courier *next =
        state->handed && conn->relayed != SIO_RELAY_FROM_SUCCESSOR ? state->successor : NULL;
    sio_engine_query query;
    sio_query_read(&query, sio_request_url(conn->request));
    if (!query.sid[0])
        return next;
    if (sio_client_find(conn->net->server, sio_str_from(query.sid)))
        return NULL;
    if (state->predecessor && conn->relayed != SIO_RELAY_FROM_PREDECESSOR)
        return state->predecessor;
    return next;
}

static bool send_to(sio_courier *to, sio_conn *conn, sio_str kept, sio_str rest)
{
    const sio_source *source = conn->source;
    sio_letter_connection letter = { .is_named = source && source->named };
    int fd;
    if (!to || conn->carried || kept.len + rest.len > SIO_LIMIT_RELAYED ||
        uv_fileno((uv_handle_t *)&conn->tcp, &fd))
        return false;
    if (letter.is_named) {
        letter.is_local = source->origin.local;
        letter.is_secure = source->origin.secure;
        memcpy(letter.address, source->origin.address.bytes, sizeof(letter.address));
    }
    if (sio_courier_send(to, SIO_LETTER_CONNECTION, (sio_str){ (char *)&letter, sizeof(letter) },
                         kept, rest, &fd, 1))
        return false;
    conn->net->server->stats.passed_on++;
    sio_conn_close(conn);
    return true;
}

bool sio_relay_pass(sio_conn *conn, const char *rest, size_t len)
{
    const sio_request *request = conn->request;
    if (!request->noted || request->raw.err || !conn->net->handover ||
        !sio_router_is_engine(conn->net, sio_request_url(request)))
        return false;
    return send_to(whose(conn), conn, (sio_str){ request->raw.data, request->raw.len },
                   (sio_str){ rest, len });
}

/* A request that has begun goes too, as far as it has come. */
bool sio_relay_leave(sio_conn *conn)
{
    const sio_handover *state = conn->net->handover;
    const sio_request *request = conn->request;
    sio_str kept = SIO_STR("");
    if (!state || !state->handed || !state->successor || (conn->source && conn->source->header))
        return false;
    if (conn->state == SIO_CONN_REQUEST && request->noted && !request->raw.err &&
        request->stage == SIO_REQUEST_HEAD)
        kept = (sio_str){ request->raw.data, request->raw.len };
    else if (conn->state != SIO_CONN_IDLE || request)
        return false;
    return send_to(state->successor, conn, kept, SIO_STR(""));
}

static sio_origin origin_of(const sio_letter_connection *letter)
{
    sio_origin origin = { .local = letter->is_local != 0, .secure = letter->is_secure != 0 };
    memcpy(origin.address.bytes, letter->address, sizeof(letter->address));
    return origin;
}

void sio_relay_take(sio_net *net, const sio_letter *letter, int fd, sio_relay_origin from)
{
    const sio_origin origin = origin_of(&letter->connection);
    if (net->closing || sio_conn_adopt(net, fd, letter->connection.is_named ? &origin : NULL,
                                       (uint8_t)from, letter->bytes, letter->len))
        close(fd);
}

void sio_relay_discard(const sio_letter *letter, const int *fds)
{
    const size_t count = letter->kind == SIO_LETTER_SOCKETS      ? letter->count
                         : letter->kind == SIO_LETTER_CONNECTION ? 1
                                                                 : 0;
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}
