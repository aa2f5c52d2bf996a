/*
 * The server without I/O: its clients, its namespaces, and what is to be done at the end of this
 * turn of the loop. server/net gives it time, randomness and bytes; the tests give it the same by
 * hand.
 */
#ifndef SIO_CORE_SERVER_H
#define SIO_CORE_SERVER_H

#include <sio/metrics.h>
#include <sio/server.h>
#include <sio/sys/adapter.h>
#include <sio/sys/arena.h>
#include <sio/sys/deflate.h>
#include <sio/sys/eio.h>
#include <sio/sys/frame.h>
#include <sio/sys/map.h>
#include <sio/sys/recovery.h>

#include "core/deadline.h"
#include "core/departures.h"
#include "core/handshake.h"
#include "core/link.h"
#include "core/list.h"
#include "core/log.h"
#include "core/timers.h"

struct sio_process;

/* What the core needs from its surroundings. `data` is server->net. */
typedef struct sio_net_ops {
    /* There is something to flush: call sio_core_flush before the loop waits again. Called once per
     * turn. */
    void (*wake)(void *data);
    /* The earliest deadline is now at `due` (UINT64_MAX: none): call sio_core_tick then. */
    void (*arm)(void *data, uint64_t due);
    void (*random)(void *data, void *out, size_t len);
    /* Milliseconds, monotonic. */
    uint64_t (*now)(void *data);
    /* Do what the links that are `flying` have put off. */
    void (*settle)(void *data);
    /* Microseconds since 1970. NULL: there is no such clock. */
    int64_t (*wall)(void *data);
    /* Bytes of all connections since the start. NULL: there are none. */
    void (*traffic)(const void *data, uint64_t *in, uint64_t *out);
    /* What the process takes. NULL: it is not known. */
    void (*process)(void *data, struct sio_process *out);
} sio_net_ops;

struct sio_server {
    /* resolved options */
    sio_eio_config engine;
    sio_parser parser;
    unsigned transports;
    bool allow_eio3;
    uint32_t connect_timeout_ms;
    uint32_t request_timeout_ms;
    size_t max_buffered;
    sio_limit_options limits;
    void (*on_cluster)(sio_server *server, sio_cluster_state state, const char *detail, void *data);
    sio_logger logger;
    char error[256]; /* of the last function that failed with a sentence; "" */
    bool cleanup_empty_child_namespaces;
    uint32_t max_dynamic_namespaces;
    void (*on_new_namespace)(sio_server *server, sio_namespace *nsp, void *data);
    void (*on_client)(sio_server *server, sio_client *client, void *data);
    void (*on_closed)(sio_server *server, void *data);
    void *data;

    const sio_net_ops *net_ops;
    void *net;
    sio_adapter *adapter;      /* NULL: alone */
    sio_recovery *recovery;    /* NULL: connection state recovery is off */
    bool recovery_middlewares; /* recovered sockets pass them too */

    uint64_t now; /* set by whoever calls in from the loop; sio_core_now where the caller may be the
                     application */
    struct sio_turn *turns; /* order.h: what waits behind what the adapter owes */
    struct sio_turn *turns_tail;
    size_t turns_bytes;
    uint64_t armed;
    uint64_t seed[2]; /* of the hash maps */
    bool closing;
    bool awake; /* wake was called in this turn */
    int depth;  /* handlers that are running: nothing is freed and nothing written meanwhile */

    sio_map clients;         /* by engine session id */
    sio_map namespaces;      /* by name */
    sio_list dirty;          /* clients with output */
    sio_list doomed;         /* clients to free */
    sio_deadlines pings;     /* clients that get a ping next */
    sio_deadlines pongs;     /* clients that owe a pong */
    sio_deadlines silences;  /* clients of revision 3, which owe a ping */
    sio_deadlines connects;  /* clients that have joined no namespace */
    sio_deadlines probes;    /* clients with an upgrade under way */
    sio_deadlines farewells; /* clients that are closing and have not taken their last bytes */
    sio_timers timeouts;     /* of acknowledgements that clients owe, and of questions */
    sio_list questions;      /* to several clients or nodes: open ones */
    sio_list settled;        /* those whose callbacks are due */
    sio_list services;       /* questions of other nodes that are not answered yet */
    uint32_t question_count; /* both lists */
    uint32_t service_count;
    size_t answer_bytes;   /* of all questions */
    sio_list heard;        /* room events that the application has not been told yet */
    sio_list nexts;        /* answers that the application owes */
    sio_list families;     /* namespaces that are parents, in the order they were made */
    sio_list vacant;       /* children that nobody is in, to be closed */
    uint32_t family_count; /* the number of the next parent */
    uint64_t warn_namespaces_at;

    sio_departures departures; /* of a drain */
    size_t leaving;            /* clients that are closing: they have been told to go */

    bool walking;     /* a room index: the application is called after it */
    sio_list created; /* clients that are to be told of the broadcast under way */

    sio_arena arena; /* of the packet in hand: its handlers read from it */
    sio_arena spare; /* for what is packed, see sio_core_borrow */
    sio_frame *ping;
    sio_frame *pong;
    sio_frame *noop;
    sio_frame *initial;        /* what every client gets first; NULL: nothing */
    sio_ws_deflater *deflater; /* both NULL: permessage-deflate is off */
    sio_ws_inflater *inflater;
    sio_server_stats stats;
    sio_cluster_state cluster_state; /* as the adapter told last; CONNECTING at first */
    char cluster_trouble[128];       /* why it was away, as it was warned of; "": it is there */
    sio_histogram loop_delay;        /* both are filled by server/net, once it measures */
    sio_histogram cluster_lag;
};

/* ---- for server/net ---- */

/* A new server core; `options` is checked and defaulted here. Errors and options->error as for
 * sio_server_new. */
int sio_core_new(sio_server **out, const sio_server_options *options, const sio_net_ops *ops,
                 void *net, uint64_t now);
/* Must be idle. Frees the namespaces too, and what middlewares
 * have not answered. */
void sio_core_free(sio_server *server);

/* The end of a turn: every dirty client is flushed once, every doomed one freed. */
void sio_core_flush(sio_server *server);

/* A deadline has passed. */
void sio_core_tick(sio_server *server, uint64_t now);

/* In this turn's flush all sockets disconnect for "server shutting down" and all clients begin to
 * close. No new ones are taken from now on. */
void sio_core_close(sio_server *server);

/* What the adapter calls; `data` is the server. */
sio_adapter_host sio_core_adapter_host(sio_server *server);

/* Hands the adapter over; every namespace that exists is opened on it. */
int sio_core_set_adapter(sio_server *server, sio_adapter *adapter);

/* It is about to be stopped: the server uses it no more. */
void sio_core_lose_adapter(sio_server *server);

/* Nobody is connected, and no callback is due: once it is closing, it stays so. */
static inline bool sio_core_idle(const sio_server *server)
{
    return server->clients.count == 0 && sio_list_empty(&server->doomed) &&
           server->question_count == 0 && server->service_count == 0;
}

/* ---- within the core ---- */

/* A random id of 20 characters of A-Za-z0-9-_, NUL-terminated. */
void sio_core_id(sio_server *server, char out[21]);

/* Arms the timer anew if the earliest deadline has changed. */
void sio_core_rearm(sio_server *server);

/* An empty arena for arguments that are packed and encoded at once, and its return. Borrowing twice
 * at a time works: the second one is fresh. */
sio_arena sio_core_borrow(sio_server *server);
void sio_core_give_back(sio_server *server, sio_arena *arena);

/* Sees to it that sio_core_flush is called in this turn. */
void sio_core_wake(sio_server *server);

/* The time, where an application on its own loop may be calling: `now` is old then. */
static inline uint64_t sio_core_now(sio_server *server)
{
    return server->now = server->net_ops->now(server->net);
}

/* Around every callback into the application. */
static inline void sio_core_enter(sio_server *server)
{
    server->depth++;
}
static inline void sio_core_leave(sio_server *server)
{
    server->depth--;
}

#endif
