/*
 * What travels through Redis between nodes and emitters: the classic adapter's channels and its
 * broadcast message, as @socket.io/redis-adapter 8.3 and @socket.io/redis-emitter 5.1 write and
 * read them.
 */
#ifndef SIO_SYS_CLUSTER_H
#define SIO_SYS_CLUSTER_H

#include <sio/sys/value.h>

#define SIO_CLUSTER_KEY         "socket.io" /* default channel prefix */
#define SIO_CLUSTER_EMITTER_UID "emitter"
#define SIO_CLUSTER_UID_SIZE    6 /* characters of A-Za-z0-9-_ */

/* ---- channels ---- */

/* Appends `<key>#<nsp>#`, and with room.data not NULL `<room>#`. */
SIO_EXTERN void sio_cluster_channel(sio_buf *out, sio_str key, sio_str nsp, sio_str room);

/* Appends the pattern that matches all channels of a namespace: `<key>#<nsp>#*`, the names escaped
 * for Redis (backslash before `*?[\`, as PSUBSCRIBE's glob needs it). */
SIO_EXTERN void sio_cluster_pattern(sio_buf *out, sio_str key, sio_str nsp);

/* Takes the room off a channel of that namespace: returns true and `room` (data NULL when the
 * channel has none, or an empty one). Names may hold `#`: a channel of `/a#b` is one of a room of
 * `/a` too. */
SIO_EXTERN bool sio_cluster_channel_room(sio_str channel, sio_str key, sio_str nsp, sio_str *room);

/* ---- the broadcast message: [uid, {type: 2, data: [event, …], nsp}, {rooms, except, flags}] ----
 */

typedef struct sio_cluster_flags {
    bool present; /* an object of flags was there (adapter: left out when there was none) */
    bool is_volatile;
    bool is_broadcast; /* set by socket.broadcast; carried, of no effect */
    bool no_compress;  /* compress: false */
    bool has_timeout;
    uint32_t timeout_ms;
} sio_cluster_flags;

typedef struct sio_cluster_message {
    sio_str uid;
    sio_str nsp;
    const sio_str *rooms; /* numeric names come as their text */
    size_t rooms_count;
    const sio_str *except;
    size_t except_count;
    sio_cluster_flags flags;
    sio_value data; /* [event, …args]; undefined until sio_cluster_message_data */
    sio_str json;   /* the same as JSON, where nobody needs more than that; data NULL: there is
                     * `data`. Not written. */
    /* where the stream has it: clients get it as one argument more (recovery.h); data NULL:
     * nowhere, as in Pub/Sub. Not written, set by who reads a stream. */
    sio_str offset;
    /* the packet's fields as they lie in the input: decoded only when somebody here wants them;
     * data NULL: absent */
    sio_str packet_type;
    sio_str packet_data;
} sio_cluster_message;

typedef enum sio_cluster_author { SIO_CLUSTER_ADAPTER, SIO_CLUSTER_EMITTER } sio_cluster_author;

/* Appends the message; the author decides the order of options, so that bytes equal those of the
 * package. Uses uid, nsp, rooms, except, flags, data. */
SIO_EXTERN void sio_cluster_message_write(sio_buf *out, const sio_cluster_message *message,
                                          sio_cluster_author author);

/* Whether that is the uid of a message, by its first bytes alone; the rest may be anything. */
SIO_EXTERN bool sio_cluster_message_is_of(sio_str uid, const void *data, size_t len);

/* Reads uid and options and finds the packet, without decoding it. Borrowed from input and arena.
 * SIO_EPARSE: not such a message, or options of wrong types; SIO_EDEPTH, SIO_ENOMEM. A message from
 * before namespaces has nsp "/". */
SIO_EXTERN SIO_MUST_USE int sio_cluster_message_read(sio_cluster_message *out, sio_arena *arena,
                                                     const void *data, size_t len);

/* Decodes the packet: sets message->data. SIO_EPARSE: type neither 2 nor 5, data not an array that
 * starts with a name (or number, which becomes its text), a reserved name. SIO_EDEPTH, SIO_ENOMEM.
 * The nsp was read before.
 */
SIO_EXTERN SIO_MUST_USE int sio_cluster_message_data(sio_cluster_message *message,
                                                     sio_arena *arena);

/* Appends what `data` would be as JSON, without making it. False: it has to be made, since it holds
 * more than JSON can say, or is malformed; `out` is then of no use. The same packets are refused as
 * by sio_cluster_message_data. */
SIO_EXTERN bool sio_cluster_message_json(const sio_cluster_message *message, sio_buf *out);

#endif
