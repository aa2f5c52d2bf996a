/*
 * What nodes of the classic adapter ask of each other and answer, as @socket.io/redis-adapter 8.3
 * writes and reads it: JSON where the first byte is `{`, MessagePack else. What older ones (7.2,
 * socket.io-redis 6.1) and emitters write is read as well.
 */
#ifndef SIO_SYS_CLASSIC_H
#define SIO_SYS_CLASSIC_H

#include <sio/sys/request.h>

/* ---- channels ---- */

/* Appends `<key>-request#<nsp>#`, to which every node subscribes: its subscribers are counted as
 * the nodes. */
SIO_EXTERN void sio_classic_request_channel(sio_buf *out, sio_str key, sio_str nsp);

/* Appends `<key>-response#<nsp>#`, and with uid.data not NULL `<uid>#`: the channel of that node
 * alone. */
SIO_EXTERN void sio_classic_response_channel(sio_buf *out, sio_str key, sio_str nsp, sio_str uid);

/* ---- requests ---- */

typedef enum sio_classic_type {
    SIO_CLASSIC_SOCKETS, /* up to 7.2: answered by ids */
    SIO_CLASSIC_ALL_ROOMS,
    SIO_CLASSIC_JOIN,
    SIO_CLASSIC_LEAVE,
    SIO_CLASSIC_DISCONNECT,
    SIO_CLASSIC_FETCH,
    SIO_CLASSIC_SERVER_SIDE_EMIT,
    SIO_CLASSIC_BROADCAST, /* with acknowledgements; answered by the next two */
    SIO_CLASSIC_CLIENT_COUNT,
    SIO_CLASSIC_ACK
} sio_classic_type;

typedef struct sio_classic_request {
    sio_classic_type type; /* below SIO_CLASSIC_CLIENT_COUNT */
    sio_str uid;           /* of the node that asks; data NULL: not said, as up to 7.2 */
    sio_str id;            /* that the answers repeat; data NULL: none is wanted */
    bool single;           /* JOIN, LEAVE, DISCONNECT in their older form: for the one socket whose
                              id is asked.rooms[0]; the node that has it answers by the id alone */
    sio_cluster_request asked; /* op, nsp (BROADCAST: of the packet) and what belongs to the op;
                                  timeout_ms: of the flags of BROADCAST, 0 for all else */
} sio_classic_request;

/* Sets type and op for what sio_cluster_request asks; SIO_CLUSTER_SERVER_COUNT has no message. */
SIO_EXTERN sio_classic_type sio_classic_type_of(sio_cluster_op op);

/* Appends the request. For what an emitter asks, leave uid and id out. */
SIO_EXTERN void sio_classic_request_write(sio_buf *out, const sio_classic_request *request);

/* Reads one; borrowed from input and arena. asked.nsp: data NULL when the request does not say it.
 * SIO_EPARSE: not one, types that are wrong, one that could not be answered for want of an id;
 * SIO_EDEPTH, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_classic_request_read(sio_classic_request *out, sio_arena *arena,
                                                     sio_str bytes);

/* ---- responses ---- */

typedef struct sio_classic_response {
    sio_classic_type type; /* of the question; BROADCAST is answered by CLIENT_COUNT and ACK */
    sio_str id;
    uint32_t clients;       /* CLIENT_COUNT */
    const sio_value *value; /* SOCKETS, FETCH, ALL_ROOMS: the array; SERVER_SIDE_EMIT, ACK: what was
                               answered, undefined if it was nothing */
} sio_classic_response;

/* Writes it as JSON, an ACK as MessagePack. Errors go to out->err: SIO_ELIMIT where JSON has no
 * place for it. */
SIO_EXTERN void sio_classic_response_write(sio_buf *out, const sio_classic_response *response);

/* Finds the id, by which the reader knows what it has asked, and all fields; then reads the answer
 * to a question of that type. A CLIENT_COUNT or ACK answers BROADCAST: type says which it is.
 * SIO_EPARSE: not a response, or none to that question; SIO_EDEPTH, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_classic_response_find(sio_value *fields, sio_str *id,
                                                      sio_arena *arena, sio_str bytes);
SIO_EXTERN SIO_MUST_USE int sio_classic_response_read(sio_classic_response *out,
                                                      const sio_value *fields,
                                                      sio_classic_type question);

#endif
