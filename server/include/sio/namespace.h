/* A namespace: a group of sockets with its rooms, its middlewares and its handlers. */
#ifndef SIO_NAMESPACE_H
#define SIO_NAMESPACE_H

#include <sio/answers.h>
#include <sio/args.h>
#include <sio/server.h>
#include <sio/socket.h>
#include <sio/target.h>

/* "/", "/chat"; of a parent (server.h) "/_0" and so on. Borrowed. */
SIO_EXTERN const char *sio_namespace_name(const sio_namespace *nsp);
SIO_EXTERN sio_server *sio_namespace_server(const sio_namespace *nsp);

/* A client has connected. The socket is borrowed until it has disconnected (sio_socket_ref keeps
 * it). One handler; a later call replaces it. */
typedef void (*sio_connection_cb)(sio_socket *socket, void *data);
SIO_EXTERN void sio_namespace_on_connection(sio_namespace *nsp, sio_connection_cb callback,
                                            void *data);

/*
 * A middleware sees each socket before it is connected, and says so once, now or later:
 * sio_next_pass, or sio_next_refuse with the message and data that the client's connect_error will
 * carry. Middlewares run in the order they were added. When the client goes away meanwhile, the
 * answer is ignored; none may come after the server has been freed. SIO_ENOMEM.
 */
typedef void (*sio_middleware_cb)(sio_socket *socket, sio_next *next, void *data);
SIO_EXTERN SIO_MUST_USE int sio_namespace_use(sio_namespace *nsp, sio_middleware_cb callback,
                                              void *data);

/* Both end `next`: it must not be used after. `format` makes one value (value.h), NULL means no
 * data. */
SIO_EXTERN void sio_next_pass(sio_next *next);
SIO_EXTERN void sio_next_refuse(sio_next *next, const char *message, const char *format, ...);

/* A handler for an event of every socket of the namespace: one table for all of them, so an idle
 * socket costs nothing for it. Handlers of the socket itself run after. SIO_ERESERVED, SIO_ENOMEM.
 */
SIO_EXTERN SIO_MUST_USE int sio_namespace_on(sio_namespace *nsp, const char *event,
                                             sio_event_cb callback, void *data);

/* As sio_socket_off has it, for handlers of the namespace. */
SIO_EXTERN void sio_namespace_off(sio_namespace *nsp, const char *event, sio_event_cb callback);

/* Catch-all listeners, middlewares of packets, and handlers of errors and of leaving (socket.h) for
 * every socket of the namespace, called before its own: one table for all of them. Listeners to
 * what goes out make a broadcast call them for each receiver. SIO_EINVAL, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_namespace_on_any(sio_namespace *nsp, sio_any_cb callback,
                                                 void *data);
SIO_EXTERN SIO_MUST_USE int sio_namespace_prepend_any(sio_namespace *nsp, sio_any_cb callback,
                                                      void *data);
SIO_EXTERN void sio_namespace_off_any(sio_namespace *nsp, sio_any_cb callback);
SIO_EXTERN SIO_MUST_USE int sio_namespace_on_any_outgoing(sio_namespace *nsp, sio_any_cb callback,
                                                          void *data);
SIO_EXTERN SIO_MUST_USE int sio_namespace_prepend_any_outgoing(sio_namespace *nsp,
                                                               sio_any_cb callback, void *data);
SIO_EXTERN void sio_namespace_off_any_outgoing(sio_namespace *nsp, sio_any_cb callback);
SIO_EXTERN SIO_MUST_USE int sio_namespace_use_packet(sio_namespace *nsp, sio_packet_cb callback,
                                                     void *data);
SIO_EXTERN void sio_namespace_on_error(sio_namespace *nsp, sio_error_cb callback, void *data);
SIO_EXTERN void sio_namespace_on_disconnecting(sio_namespace *nsp, sio_disconnect_cb callback,
                                               void *data);

/* Called for every socket when it has left its rooms and is gone, before its own callback; one
 * handler, a later call replaces it. */
SIO_EXTERN void sio_namespace_on_disconnect(sio_namespace *nsp, sio_disconnect_cb callback,
                                            void *data);

/* Emits to the target, on every node (SIO_LOCAL: this one); NULL means everyone in the namespace.
 * `format` makes the arguments (value.h); NULL or "" means none. SIO_ERESERVED, SIO_EFORMAT,
 * SIO_EUTF8, SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN int sio_namespace_emit(sio_namespace *nsp, const sio_target *target, const char *event,
                                  const char *format, ...);
SIO_EXTERN int sio_namespace_vemit(sio_namespace *nsp, const sio_target *target, const char *event,
                                   const char *format, va_list arguments);

/*
 * ---- the whole cluster ----
 *
 * All of these work on a node that is alone too, and with SIO_LOCAL in the target's flags on this
 * node only. `target` NULL: everyone in the namespace.
 *
 * Those that ask answer by the callback, which comes once, unless the call itself returns an error:
 * SIO_EINVAL, SIO_ECLOSED (the server is closing), SIO_EUTF8, SIO_ELIMIT (SIO_LIMIT_QUESTIONS are
 * open), SIO_ENOMEM. That other nodes cannot be asked is no error of the call but of the answers.
 *
 * Those that tell have been done on this node when they return, in the order of the calls.
 * SIO_EUTF8, SIO_ENOMEM; SIO_ECLOSED, SIO_ELIMIT: the other nodes have not been told.
 */

/* Emits to the target and waits for the acknowledgement of each client; `values` are their first
 * arguments, in the order in which they came. A client that leaves without an answer, or owes
 * limits.max_pending_acks already, is waited for until the time is over. Also SIO_ERESERVED,
 * SIO_EFORMAT. */
SIO_EXTERN SIO_MUST_USE int sio_namespace_emit_ack(sio_namespace *nsp, const sio_target *target,
                                                   sio_answers_cb callback, void *data,
                                                   const char *event, const char *format, ...);

/* `values`: {id, handshake, rooms, data} of each socket. To act on one, here or elsewhere, take a
 * target with its id as the room. */
SIO_EXTERN SIO_MUST_USE int sio_namespace_fetch_sockets(sio_namespace *nsp,
                                                        const sio_target *target,
                                                        sio_answers_cb callback, void *data);

/* `values`: the name of each room, ids of sockets included, sorted by its bytes (adapter.allRooms).
 * `timeout_ms` as in a target. */
SIO_EXTERN SIO_MUST_USE int sio_namespace_all_rooms(sio_namespace *nsp, uint32_t timeout_ms,
                                                    sio_answers_cb callback, void *data);

/* `values`: one number, that of all nodes, this one included (adapter.serverCount); none on an
 * error. */
SIO_EXTERN SIO_MUST_USE int sio_namespace_server_count(sio_namespace *nsp, uint32_t timeout_ms,
                                                       sio_answers_cb callback, void *data);

/* The sockets join these rooms (NULL-terminated), or leave them. Also SIO_ELIMIT: a name is longer
 * than SIO_LIMIT_NAME, nothing has been done; or a socket is in limits.max_rooms_per_socket, the
 * others have joined. */
SIO_EXTERN int sio_namespace_sockets_join(sio_namespace *nsp, const sio_target *target,
                                          const char *const *rooms);
SIO_EXTERN int sio_namespace_sockets_leave(sio_namespace *nsp, const sio_target *target,
                                           const char *const *rooms);

/* The sockets disconnect, with `close` their whole connections. */
SIO_EXTERN int sio_namespace_disconnect_sockets(sio_namespace *nsp, const sio_target *target,
                                                bool close);

/* Emits to the other nodes themselves, not to clients, and not to this node. With an answer wanted,
 * `values` has one of each node. Also SIO_EFORMAT; SIO_ERESERVED: connect, connection and
 * new_namespace. */
SIO_EXTERN int sio_namespace_server_side_emit(sio_namespace *nsp, const char *event,
                                              const char *format, ...);
SIO_EXTERN SIO_MUST_USE int
sio_namespace_server_side_emit_ack(sio_namespace *nsp, uint32_t timeout_ms, sio_answers_cb callback,
                                   void *data, const char *event, const char *format, ...);

/* A handler for such events of other nodes; `event` NULL: for every one of them. Several run in
 * order. `ack` is NULL when no answer is wanted; every function on it takes NULL. */
typedef struct sio_server_side_ack sio_server_side_ack;
typedef void (*sio_server_side_cb)(sio_namespace *nsp, const char *event, const sio_args *args,
                                   sio_server_side_ack *ack, void *data);
SIO_EXTERN SIO_MUST_USE int sio_namespace_on_server_side_emit(sio_namespace *nsp, const char *event,
                                                              sio_server_side_cb callback,
                                                              void *data);

/* Answers, once, with the first value that `format` makes; a second answer is SIO_EEXISTS.
 * SIO_ECLOSED: the other node waits no longer. To answer after the handler has returned, keep it by
 * ref and give it back by unref. */
SIO_EXTERN int sio_server_side_ack_send(sio_server_side_ack *ack, const char *format, ...);
SIO_EXTERN sio_server_side_ack *sio_server_side_ack_ref(sio_server_side_ack *ack);
SIO_EXTERN void sio_server_side_ack_unref(sio_server_side_ack *ack);

/* ---- this node ---- */

/* Calls `each` for every connected socket of this node that the target means (flags and time-out
 * are of no effect), and which is still connected when its turn comes: `each` may do anything.
 * SIO_EINVAL, SIO_EUTF8, SIO_ENOMEM. */
typedef void (*sio_each_socket_cb)(sio_socket *socket, void *data);
SIO_EXTERN int sio_namespace_each(sio_namespace *nsp, const sio_target *target,
                                  sio_each_socket_cb each, void *data);

/* How many sockets of this node are in the room. */
SIO_EXTERN size_t sio_namespace_room_size(const sio_namespace *nsp, const char *room);

/* Calls `each` for every room that has sockets of this node, their ids included, in no order;
 * `each` may do anything. SIO_EINVAL, SIO_ENOMEM. */
typedef void (*sio_each_room_cb)(const char *room, void *data);
SIO_EXTERN int sio_namespace_each_room(sio_namespace *nsp, sio_each_room_cb each, void *data);

/* What happens to the rooms of this node, ids of sockets included: the events create-room,
 * delete-room, join-room and leave-room of socket.io-adapter. Told in order at the end of the
 * loop's turn, when a room may have changed further. Callbacks may be NULL; texts are borrowed for
 * the call. */
typedef struct sio_room_events {
    void (*created)(sio_namespace *nsp, const char *room, void *data);
    void (*deleted)(sio_namespace *nsp, const char *room, void *data);
    void (*joined)(sio_namespace *nsp, const char *room, const char *id, void *data);
    void (*left)(sio_namespace *nsp, const char *room, const char *id, void *data);
} sio_room_events;
/* The struct is copied. A later call replaces it; `events` NULL: nobody listens any more.
 * SIO_ENOMEM. */
SIO_EXTERN int sio_namespace_on_rooms(sio_namespace *nsp, const sio_room_events *events,
                                      void *data);

/* The connected socket of that id on this node, or NULL. Borrowed. */
SIO_EXTERN sio_socket *sio_namespace_socket(const sio_namespace *nsp, const char *id);

/* The number of sockets that are connected to it on this node. */
SIO_EXTERN size_t sio_namespace_count(const sio_namespace *nsp);

#endif
