/*
 * What the nodes of a cluster say to each other by the adapters that came after the classic one:
 * the messages of ClusterAdapter in socket.io-adapter 2.5, that the sharded and the streams adapter
 * send. {type, data, uid, nsp}, JSON where the first byte is `{`, MessagePack else.
 */
#ifndef SIO_SYS_MEMBER_H
#define SIO_SYS_MEMBER_H

#include <sio/sys/request.h>

/* Hexadecimal digits of uids and of the ids of requests. A node is answered on the channel that a
 * room of its uid's name would have. */
#define SIO_MEMBER_UID_SIZE 16

typedef enum sio_member_type {
    SIO_MEMBER_INITIAL_HEARTBEAT = 1,
    SIO_MEMBER_HEARTBEAT,
    SIO_MEMBER_BROADCAST, /* with an id: with acknowledgements, answered by CLIENT_COUNT and ACK */
    SIO_MEMBER_JOIN,
    SIO_MEMBER_LEAVE,
    SIO_MEMBER_DISCONNECT,
    SIO_MEMBER_FETCH,
    SIO_MEMBER_FETCHED,
    SIO_MEMBER_SERVER_SIDE_EMIT, /* with an id: answered */
    SIO_MEMBER_SERVER_SIDE_ANSWER,
    SIO_MEMBER_CLIENT_COUNT,
    SIO_MEMBER_ACK,
    SIO_MEMBER_CLOSE /* the node goes */
} sio_member_type;

typedef struct sio_member_message {
    sio_member_type type;
    sio_str uid; /* of the node that says it; data NULL: not said */
    sio_str nsp;
    sio_str id; /* of the request, or of the one that is answered; data NULL: none */
    /* BROADCAST to SERVER_SIDE_EMIT, but for FETCHED: op, nsp and what belongs to the op. A
     * BROADCAST without an id has op BROADCAST_ACK as well. timeout_ms is read from the flags, and
     * not written. */
    sio_cluster_request asked;
    uint32_t clients; /* CLIENT_COUNT */
    /* FETCHED: the array; SERVER_SIDE_ANSWER, ACK: what was answered, undefined if nothing */
    sio_value value;
} sio_member_message;

/* What sio_cluster_request asks; of SERVER_COUNT there is no message, and ALL_ROOMS is what a FETCH
 * brings to light. */
SIO_EXTERN sio_member_type sio_member_type_of(sio_cluster_op op);

/* Whether a room's name is as long as the id of a socket: 20 code units of UTF-16. Nobody publishes
 * to the channel of such a room in mode `dynamic`. */
SIO_EXTERN bool sio_member_is_private(sio_str room);

/* Appends the message: as MessagePack only if binary is in what it carries. */
SIO_EXTERN void sio_member_write(sio_buf *out, const sio_member_message *message);

/* Appends it as MessagePack, as the streams adapter publishes what it does not keep. */
SIO_EXTERN void sio_member_pack(sio_buf *out, const sio_member_message *message);

/* The `data` of the message alone, undefined where it has none: borrowed from message and arena.
 * SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_member_data_of(sio_value *out, sio_arena *arena,
                                               const sio_member_message *message);

/* Reads one; borrowed from input and arena. SIO_EPARSE: not one, types that are wrong, a question
 * that does not say where the answer goes; SIO_EDEPTH, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_member_read(sio_member_message *out, sio_arena *arena,
                                            sio_str bytes);

/* The same for who has type, uid and nsp already: reads all else out of `data` (NULL: none). */
SIO_EXTERN SIO_MUST_USE int sio_member_read_data(sio_member_message *message, sio_arena *arena,
                                                 const sio_value *data);

#endif
