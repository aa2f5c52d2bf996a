/* What an application sees of the cluster: the state of its link, and counters. */
#ifndef SIO_ADAPTER_H
#define SIO_ADAPTER_H

#include <stdint.h>

#include <sio/extern.h>

typedef enum sio_cluster_state {
    SIO_CLUSTER_CONNECTING,   /* first attempt, or one after a loss */
    SIO_CLUSTER_READY,        /* connected and subscribed: messages flow both ways */
    SIO_CLUSTER_DISCONNECTED, /* lost, or refused; a next attempt follows by itself */
    SIO_CLUSTER_STOPPED
} sio_cluster_state;

/* "connecting", "ready", "disconnected", "stopped". Borrowed, static. */
SIO_EXTERN const char *sio_cluster_state_text(sio_cluster_state state);

/* How nodes reach each other through Redis. All nodes of a cluster, and its emitters, use the same.
 */
typedef enum sio_adapter_kind {
    SIO_ADAPTER_CLASSIC, /* createAdapter of @socket.io/redis-adapter: PUBLISH */
    SIO_ADAPTER_SHARDED, /* createShardedAdapter of the same: SPUBLISH, from Redis 7 on */
    SIO_ADAPTER_STREAMS  /* createAdapter of @socket.io/redis-streams-adapter 0.3 */
} sio_adapter_kind;

/*
 * SIO_ADAPTER_SHARDED: which messages go by channels of their own, to which only those nodes
 * subscribe that have members in the room (subscriptionMode). All nodes of a cluster use the same,
 * else they miss some of each other's messages.
 *
 * A room that gets its first member is heard from one round trip to Redis later on. What others
 * send to it alone in the meantime does not reach this node, neither now nor later; what this node
 * sends does, and so does what goes to several rooms or to everybody.
 */
typedef enum sio_sharded_mode {
    /* What is for one room, unless its name is as long as the id of a socket, 20 characters. */
    SIO_SHARDED_DYNAMIC,
    /* None: each node gets every message of its namespaces. */
    SIO_SHARDED_STATIC,
    /* What is for one room, that of a socket included: one channel for each client. */
    SIO_SHARDED_DYNAMIC_PRIVATE
} sio_sharded_mode;

#define SIO_STREAM_MAX_LEN     10000
#define SIO_STREAM_READ_COUNT  100
#define SIO_SESSION_KEY_PREFIX "sio:session:"

/*
 * SIO_ADAPTER_STREAMS: broadcasts, socketsJoin, socketsLeave and disconnectSockets are entries of a
 * stream, which each node reads from where it ended when the node came up. A node whose link is
 * away for a while reads the rest when it is back, as far as it is kept: nothing is lost by that.
 * What somebody waits for, and serverSideEmit, goes by Pub/Sub and overtakes what is in the stream.
 *
 * With connection_state_recovery a client that lost its connection, or its node, comes back to any
 * node, of ours or of Node.js, and gets what it missed. For that all nodes deliver in the order of
 * the stream, and this one too delivers what it emits itself only when it reads it there, one round
 * trip to Redis later:
 * - Each client gets what this node sends it in the order of the calls, whatever it is: what needs
 *   no offset (volatile and local events, questions, acknowledgements) waits for its turn.
 * - Who is in a room is decided when it is delivered. socketsJoin, join and leave take effect at
 *   once, and so before what was emitted just before them.
 * - Disconnecting a socket delivers all that this node owes, first.
 * - Nobody waits for a Redis that is away, nor for longer than SIO_LIMIT_OWED_MS: what is owed is
 *   delivered, and from then on all that is emitted, at once, without offsets. A client whose
 *   connection is lost before it gets an event that is behind these in the stream may get these
 *   twice when it returns.
 * - Who returns to a node that has not read them yet, or not as far as others have given it events,
 *   waits for that: SIO_LIMIT_AHEAD_MS at most, and begins anew then.
 * Needs Redis 6.2 (GETDEL).
 */
typedef struct sio_streams_options {
    const char *name;    /* NULL: as the channel prefix; the same in all nodes (streamName) */
    uint32_t max_len;    /* entries that Redis keeps, about; 0: SIO_STREAM_MAX_LEN (maxLen) */
    uint32_t read_count; /* entries to read at once; 0: SIO_STREAM_READ_COUNT (readCount). Of large
                            ones it is less: SIO_LIMIT_STREAM_READ */
    const char *session_key_prefix; /* of what is kept of clients that may come back; NULL:
                                       SIO_SESSION_KEY_PREFIX (sessionKeyPrefix) */
} sio_streams_options;

/* How a node of the classic adapter hears of broadcasts to rooms. Publishers need not know it:
 * nodes of all kinds may be mixed. */
typedef enum sio_redis_subscribe {
    /* By one pattern for all rooms, as @socket.io/redis-adapter does. Every node gets every
     * message, and drops it undecoded where nobody is in the room. */
    SIO_SUBSCRIBE_PATTERN,
    /*
     * By the channels of the rooms that have members here, so that Redis sends no others. A room
     * that gets its first member, or loses its last, costs one command to Redis, written with all
     * others of that turn of the loop.
     *
     * Between the join and Redis's confirmation, one round trip later, what this node emits to the
     * room reaches the member, and so does what others emit to several rooms or to everybody. What
     * others publish to that room alone in the meantime does NOT reach it, neither now nor later;
     * had the pattern been used, it would. So nobody is told too early: this node answers no
     * request of another node (fetchSockets, allRooms, server-side emits, acknowledgements) before
     * all rooms that it had joined until then are confirmed. What an application says by itself, an
     * acknowledgement of a client's event say, does not wait.
     *
     * A socket's own id is a room: 10,000 clients are 10,000 channels, of some 120 bytes each here
     * and 230 in Redis (bench/rooms.js). Beyond SIO_LIMIT_CHANNELS the node goes on with the
     * pattern.
     */
    SIO_SUBSCRIBE_ROOMS,
    /* By the pattern at first; by rooms as soon as most of what comes is for rooms that nobody here
     * is in; by the pattern again when rooms come and go more often than what that saves
     * (SIO_LIMIT_BALANCE_…). While it changes, no message is lost and none comes twice. */
    SIO_SUBSCRIBE_AUTO
} sio_redis_subscribe;

typedef struct sio_cluster_stats {
    uint64_t published;      /* messages handed to Redis */
    uint64_t published_lost; /* dropped because the queue was full, refused by Redis, or on their
                                way when the link broke (they are not sent twice) */
    uint64_t received;       /* messages that came, our own included */
    uint64_t own;            /* of these: sent by this node */
    uint64_t elsewhere;      /* dropped undecoded: for rooms that nobody here is in, or answers to
                                questions of other nodes */
    uint64_t malformed;      /* dropped: not a message, or not one of ours to hand on */
    uint64_t delivered;      /* broadcasts handed to the server */
    uint64_t requests;       /* of other nodes, carried out */
    uint64_t answers;        /* of other nodes, to what this one has asked */
    uint64_t channels;     /* of namespaces and rooms that are subscribed to now; 0: the pattern */
    uint64_t connects;     /* times the link became ready */
    uint64_t queued_bytes; /* waiting for Redis now, or for its answer */
} sio_cluster_stats;

#endif
