#include "core/order.h"

#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/recovery.h"
#include "core/server.h"

struct sio_turn {
    struct sio_turn *next;
    sio_socket *socket; /* a reference */
    sio_frame *chain;   /* another */
    uint64_t after;     /* the broadcast that it waits for */
    bool is_volatile;
};

/* What has been promised and not been kept; false: nothing. */
static bool find_debt(const sio_server *server, uint64_t *promised, uint64_t *kept)
{
    if (!sio_recovery_is_remote(server))
        return false;
    server->recovery->ops->debt(server->recovery, promised, kept);
    return *promised > *kept;
}

static size_t cost(const sio_frame *chain)
{
    return sizeof(struct sio_turn) + sio_frame_chain_bytes(chain);
}

/* ---- waiting ---- */

static void append(sio_server *server, struct sio_turn *turn)
{
    if (server->turns_tail)
        server->turns_tail->next = turn;
    else
        server->turns = turn;
    server->turns_tail = turn;
    server->turns_bytes += cost(turn->chain);
}

bool sio_order_queue_owed(sio_socket *socket, sio_frame *chain, bool is_volatile)
{
    uint64_t promised, kept;
    sio_server *server = socket->nsp->server;
    if (!find_debt(server, &promised, &kept))
        return sio_client_queue(socket->client, chain, is_volatile);
    struct sio_turn *turn = sio_mem_alloc(sizeof(*turn));
    if (!turn) {
        sio_client_fail(socket->client, "out of memory");
        return false;
    }
    *turn = (struct sio_turn){ .socket = sio_socket_ref(socket),
                               .chain = sio_frame_ref(chain),
                               .after = promised,
                               .is_volatile = is_volatile };
    append(server, turn);
    return true;
}

/* ---- going ---- */

static struct sio_turn *take(sio_server *server)
{
    struct sio_turn *turn = server->turns;
    server->turns = turn->next;
    if (!server->turns)
        server->turns_tail = NULL;
    server->turns_bytes -= cost(turn->chain);
    return turn;
}

static void drop(struct sio_turn *turn)
{
    sio_frame_unref(turn->chain);
    sio_socket_unref(turn->socket);
    sio_mem_free(turn);
}

void sio_order_release(sio_server *server)
{
    uint64_t promised, kept = UINT64_MAX;
    if (!find_debt(server, &promised, &kept))
        kept = UINT64_MAX;
    while (server->turns && server->turns->after <= kept) {
        struct sio_turn *turn = take(server);
        if (turn->socket->state == SIO_SOCKET_CONNECTED)
            (void)sio_client_queue(turn->socket->client, turn->chain, turn->is_volatile);
        drop(turn);
    }
}

void sio_order_settle(sio_server *server)
{
    uint64_t promised, kept;
    if (find_debt(server, &promised, &kept))
        server->recovery->ops->settle(server->recovery);
    sio_order_release(server);
}

void sio_order_limit(sio_server *server)
{
    if (server->turns_bytes > SIO_LIMIT_ORDER)
        sio_order_settle(server);
}

void sio_order_free(sio_server *server)
{
    while (server->turns)
        drop(take(server));
}
