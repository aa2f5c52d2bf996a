/*
 * A client: one Engine.IO session and the sockets on it. This is where proto/eio and proto/sio
 * meet.
 */
#ifndef SIO_CORE_CLIENT_H
#define SIO_CORE_CLIENT_H

#include <sio/client.h>
#include <sio/sys/packet.h>

#include "core/outbox.h"
#include "core/server.h"

typedef struct sio_knock sio_knock;
typedef struct sio_quota sio_quota;

/* What a delivery looks at comes first, in as few lines of the cache as it can. */
struct sio_client {
    sio_server *server;
    sio_link *link; /* the transport; NULL for polling between two polls */
    sio_outbox outbox;
    sio_list dirty;                 /* in server->dirty, or once it is over in server->doomed */
    size_t backlog;                 /* bytes that were still unsent when the last turn ended */
    const char *failure;            /* it is to be dropped at the end of the turn, for this */
    struct sio_client_hooks *hooks; /* client_events.h; NULL for most */
    sio_eio_session session;
    bool closing;       /* takes nothing more, only what is queued still goes out */
    bool discards;      /* when closing: not even that */
    bool littered;      /* sockets in `sockets` have left */
    bool hurry;         /* the probe has been answered: polls end at once, so that it can go on */
    bool posting;       /* server/net's: the body of a POST is coming */
    uint8_t failed_for; /* sio_eio_reason */
    char sid[21];
    uint32_t socket_count; /* in `sockets`, those that left in this turn included */
    sio_link *probe;       /* a WebSocket that wants to take over */
    sio_decoder decoder;
    sio_handshake *handshake;
    sio_socket *sockets;    /* by their `sibling` */
    sio_quota *quota;       /* quota.h; NULL until it has sent something that is counted */
    sio_knock *knocks;      /* namespaces that it asks for and that parents are asked about */
    sio_deadline heartbeat; /* in pings or pongs */
    sio_deadline patience;  /* in connects, then in farewells */
    sio_deadline probing;   /* in probes */
};

/* ---- for server/net; the server's `now` must be current ---- */

/* A new session on its first transport; `link` is the open WebSocket, or NULL for polling (the poll
 * is attached next). Queues the open packet. Takes the handshake over, also on an error.
 * SIO_ENOMEM, SIO_ECLOSED: the server is closing or being drained. */
int sio_client_new(sio_client **out, sio_server *server, sio_eio_transport transport,
                   sio_eio_dialect dialect, sio_handshake *handshake, sio_link *link);

/* The same with an id of its own, of 20 characters at most, that no client has. */
int sio_client_new_as(sio_client **out, sio_server *server, sio_eio_transport transport,
                      sio_eio_dialect dialect, const char *id, sio_handshake *handshake,
                      sio_link *link);

/* The open session of that id, or NULL. */
sio_client *sio_client_find(sio_server *server, sio_str sid);

/* A poll came and waits. SIO_ECLOSED: it is over. SIO_EINVAL: the session's transport is no polling
 * (any more). SIO_EEXISTS: another waits already; the session is closed then ("transport error"),
 * as in the reference, and the caller answers 400 to the new one. Flushed at the end of the turn if
 * there is output. */
int sio_client_attach(sio_client *client, sio_link *link);

/* The poll has been answered. */
void sio_client_detach(sio_client *client, sio_link *link);

/* A link that was blocked can take more. */
void sio_client_writable(sio_client *client);

/* The link broke or was closed by the peer: for the transport the session ends for `reason`, a
 * probe only ends itself. The core has forgotten the link when this returns. */
void sio_client_lost(sio_client *client, sio_link *link, sio_eio_reason reason);

/* Messages of a WebSocket, transport or probe. Either may end the session: the link may be aborted
 * before it returns. */
void sio_client_text(sio_client *client, sio_link *link, char *text, size_t len);
void sio_client_binary(sio_client *client, sio_link *link, const char *data, size_t len);

/* The body of a POST; `binary` if it came as bytes. 0; SIO_EPARSE: the session has been closed for
 * "parse error", answer 400; SIO_EINVAL: its transport is no polling (any more). */
int sio_client_payload(sio_client *client, char *data, size_t len, bool binary);

/* A WebSocket of the same session wants to take over. SIO_EEXISTS, SIO_ECLOSED, SIO_EINVAL: refuse
 * it. */
int sio_client_probe(sio_client *client, sio_link *link);

/* ---- within the core ---- */

/* What the log shows of a session's id: enough to tell clients apart, too little to speak for one.
 */
#define SIO_CLIENT_TAG        "%.6s"
#define SIO_CLIENT_TAG_LENGTH 6

static inline bool sio_client_is_open(const sio_client *client)
{
    return client->session.state == SIO_EIO_STATE_OPEN && !client->closing && !client->failure;
}

/* Queues a chain of frames (the caller keeps its reference) and marks the client dirty. For one
 * that has left bytes unread in earlier turns, and would exceed max_buffered, limits.overflow
 * decides. A volatile chain is dropped when the client is not ready. Returns whether it was queued.
 */
bool sio_client_queue(sio_client *client, sio_frame *chain, bool is_volatile);

/* Bytes that are queued or on the way, SIO_LIMIT_MESSAGE_COST included. */
static inline size_t sio_client_unsent(const sio_client *client)
{
    const size_t waiting = client->outbox.bytes + client->outbox.count * SIO_LIMIT_MESSAGE_COST;
    return waiting + (client->link ? client->link->pending : 0);
}

/* Ends the session once what is queued has been sent; its sockets are told now, for `reason`. */
void sio_client_shut(sio_client *client, const char *reason);

/* Ends the session now, as do its sockets; what is queued is dropped. The transport gets its
 * farewell at the end of the turn where it can take one. */
void sio_client_abort(sio_client *client, sio_eio_reason reason);

/* It asked for more than it may, or memory is out: logs `why` and aborts it for "transport error"
 * at the end of the turn. May be called while the room index is being walked. */
void sio_client_fail(sio_client *client, const char *why);

/* The same for another reason. */
void sio_client_fail_for(sio_client *client, sio_eio_reason reason, const char *why);

/* The turn is over: what is unsent now counts for max_buffered from now on. */
void sio_client_account(sio_client *client);
static inline void sio_client_settle(sio_client *client)
{
    if (client->backlog > 0 || sio_client_unsent(client) > 0)
        sio_client_account(client);
}

/* The session is over: what it holds is given back, the sockets are told. */
void sio_client_finish(sio_client *client);

/* Has it flushed at the end of the turn. */
void sio_client_mark(sio_client *client);

/* A Socket.IO packet, decoded. */
void sio_client_packet(sio_client *client, const sio_packet *packet);

/* A new socket of that namespace, on its way through the middlewares. */
void sio_client_join(sio_client *client, sio_namespace *nsp, const sio_value *auth);

/* Lets go of the sockets that have left; `all` of them when the client is freed. */
void sio_client_sweep(sio_client *client, bool all);

/* Gives up the probe, if there is one. */
void sio_client_drop_probe(sio_client *client);

/* What the probe says, until it is the transport. */
void sio_client_probe_packet(sio_client *client, char *text, size_t len);

/* What the session's state machine asks for. */
void sio_client_act(sio_client *client, sio_eio_action action, const sio_eio_packet *packet);

void sio_client_free(sio_client *client);

#endif
