/* A socket: one client's connection to one namespace. */
#ifndef SIO_SOCKET_H
#define SIO_SOCKET_H

#include <sio/args.h>
#include <sio/server.h>
#include <sio/target.h>

typedef struct sio_ack sio_ack;

/* ---- events from the client ---- */

/* `ack` is NULL when the client wants no acknowledgement; every function on it takes NULL. */
typedef void (*sio_event_cb)(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data);

/* The same for every event. `event` is its name, `ack` NULL also for what goes out. */
typedef void (*sio_any_cb)(sio_socket *socket, const char *event, const sio_args *args,
                           sio_ack *ack, void *data);

/* Why it ended, in the reference's words: "client namespace disconnect", "server namespace
 * disconnect", "transport close", "transport error", "ping timeout", "parse error", "forced close",
 * "forced server close", "server shutting down". */
typedef void (*sio_disconnect_cb)(sio_socket *socket, const char *reason, void *data);

/* Adds a handler for an event; several run in order. SIO_ECLOSED: the socket has gone.
 * SIO_ERESERVED, SIO_ENOMEM. Register on the namespace what is the same for every socket. */
SIO_EXTERN SIO_MUST_USE int sio_socket_on(sio_socket *socket, const char *event,
                                          sio_event_cb callback, void *data);
/* The same for the next such event only. */
SIO_EXTERN SIO_MUST_USE int sio_socket_once(sio_socket *socket, const char *event,
                                            sio_event_cb callback, void *data);
/* Takes out all handlers of the event (NULL: of every event) that have this callback (NULL: any).
 * They are not called any more, not even in the turn of the event that is being handled, so their
 * data may be freed at once. (Of one callback that was added twice, socket.io takes out one.) */
SIO_EXTERN void sio_socket_off(sio_socket *socket, const char *event, sio_event_cb callback);

/* Catch-all listeners: called for every event of the client before its handlers and its
 * middlewares, also for one that nobody handles or that a middleware refuses. `prepend`: before
 * the others of this socket. `off`: as above. SIO_EINVAL, SIO_ECLOSED, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_socket_on_any(sio_socket *socket, sio_any_cb callback, void *data);
SIO_EXTERN SIO_MUST_USE int sio_socket_prepend_any(sio_socket *socket, sio_any_cb callback,
                                                   void *data);
SIO_EXTERN void sio_socket_off_any(sio_socket *socket, sio_any_cb callback);
/* How many this socket has; the first `size` of them go to `out`, in the order of their calls. */
SIO_EXTERN size_t sio_socket_listeners_any(const sio_socket *socket, sio_any_cb *out, size_t size);

/* The same for what goes out: called once for each emit to this socket and for each broadcast that
 * it is to get, from other nodes too, before it is queued; acknowledgements are no events. One that
 * ends the socket keeps it from getting the event. */
SIO_EXTERN SIO_MUST_USE int sio_socket_on_any_outgoing(sio_socket *socket, sio_any_cb callback,
                                                       void *data);
SIO_EXTERN SIO_MUST_USE int sio_socket_prepend_any_outgoing(sio_socket *socket, sio_any_cb callback,
                                                            void *data);
SIO_EXTERN void sio_socket_off_any_outgoing(sio_socket *socket, sio_any_cb callback);
SIO_EXTERN size_t sio_socket_listeners_any_outgoing(const sio_socket *socket, sio_any_cb *out,
                                                    size_t size);

/*
 * A middleware of packets sees each event before its handlers, and says so once, now or later:
 * sio_next_pass, or sio_next_refuse (namespace.h), which keeps it from them and calls the error
 * handlers. Middlewares run in the order they were added, those of the namespace first. An event
 * that waits for an answer is copied, and others may overtake it; a client of which more than
 * SIO_LIMIT_HELD bytes wait is dropped. When the socket ends meanwhile, the answer is ignored; none
 * may come after the server has been freed. SIO_EINVAL, SIO_ECLOSED, SIO_ENOMEM.
 */
typedef void (*sio_packet_cb)(sio_socket *socket, const char *event, const sio_args *args,
                              sio_next *next, void *data);
SIO_EXTERN SIO_MUST_USE int sio_socket_use(sio_socket *socket, sio_packet_cb callback, void *data);

/* A middleware of packets has refused an event, with this message and data (NULL: none), or the
 * client has sent what is no packet, for which it is about to be closed. One handler; a later call
 * replaces it, NULL takes it away. SIO_ECLOSED, SIO_ENOMEM. */
typedef void (*sio_error_cb)(sio_socket *socket, const char *message, const sio_value *value,
                             void *data);
SIO_EXTERN SIO_MUST_USE int sio_socket_on_error(sio_socket *socket, sio_error_cb callback,
                                                void *data);

/* It is ending: it is not connected any more, but its rooms are still there. One handler, as above.
 */
SIO_EXTERN SIO_MUST_USE int sio_socket_on_disconnecting(sio_socket *socket,
                                                        sio_disconnect_cb callback, void *data);
/* It has left its rooms and is gone. One handler; a later call replaces it. */
SIO_EXTERN void sio_socket_on_disconnect(sio_socket *socket, sio_disconnect_cb callback,
                                         void *data);

/* Answers, once; a second answer is SIO_EEXISTS. `format` makes the arguments (value.h).
 * SIO_ECLOSED: the socket has gone. To answer after the handler has returned, keep it by
 * sio_ack_ref and give it back by sio_ack_unref. */
SIO_EXTERN int sio_ack_send(sio_ack *ack, const char *format, ...);
SIO_EXTERN sio_ack *sio_ack_ref(sio_ack *ack);
SIO_EXTERN void sio_ack_unref(sio_ack *ack);

/* ---- events to the client ---- */

/* `format` makes the arguments (value.h); NULL or "" means none. SIO_ECLOSED: it is not connected.
 * SIO_ERESERVED, SIO_EFORMAT, SIO_EUTF8, SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN int sio_socket_emit(sio_socket *socket, const char *event, const char *format, ...);

/* The event "message", as by send() in JavaScript. */
SIO_EXTERN int sio_socket_send_message(sio_socket *socket, const char *format, ...);

/* With flags: SIO_VOLATILE, SIO_UNCOMPRESSED. */
SIO_EXTERN int sio_socket_emit_flags(sio_socket *socket, unsigned flags, const char *event,
                                     const char *format, ...);

/* The same with the arguments as a va_list. */
SIO_EXTERN int sio_socket_vemit(sio_socket *socket, unsigned flags, const char *event,
                                const char *format, va_list arguments);

/* Emits and waits for the client's acknowledgement. The callback comes once: error 0 and the
 * answer, SIO_ETIMEOUT after `timeout_ms` (0: never), or SIO_ECLOSED when the socket ends before.
 * On an error of this call itself it does not come. SIO_ELIMIT also: limits.max_pending_acks are
 * owed already. */
typedef void (*sio_reply_cb)(sio_socket *socket, int error, const sio_args *args, void *data);
SIO_EXTERN SIO_MUST_USE int sio_socket_emit_ack(sio_socket *socket, uint32_t timeout_ms,
                                                sio_reply_cb callback, void *data,
                                                const char *event, const char *format, ...);
/* With flags. A volatile event that is not sent is waited for all the same. */
SIO_EXTERN SIO_MUST_USE int sio_socket_emit_ack_flags(sio_socket *socket, unsigned flags,
                                                      uint32_t timeout_ms, sio_reply_cb callback,
                                                      void *data, const char *event,
                                                      const char *format, ...);

/* Emits to others: as sio_namespace_emit, but never to this socket. `target` NULL: everyone else.
 */
SIO_EXTERN int sio_socket_broadcast(sio_socket *socket, const sio_target *target, const char *event,
                                    const char *format, ...);

/* ---- rooms ---- */

/* SIO_ECLOSED, SIO_EUTF8, SIO_ELIMIT (name longer than SIO_LIMIT_NAME, or
 * limits.max_rooms_per_socket), SIO_ENOMEM. Joining twice
 * is no error. A middleware may join it already. */
SIO_EXTERN int sio_socket_join(sio_socket *socket, const char *room);
SIO_EXTERN void sio_socket_leave(sio_socket *socket, const char *room);

/* Several, in an array that ends with NULL: SIO_ROOMS("a", "b"). On an error those before the one
 * that made it have been joined. */
SIO_EXTERN int sio_socket_join_rooms(sio_socket *socket, const char *const *rooms);
SIO_EXTERN void sio_socket_leave_rooms(sio_socket *socket, const char *const *rooms);

/* Its rooms: count, and the name of one, its own id first. Borrowed until it joins or leaves. */
SIO_EXTERN size_t sio_socket_room_count(const sio_socket *socket);
SIO_EXTERN const char *sio_socket_room_at(const sio_socket *socket, size_t index);

/* ---- itself ---- */

/* 20 characters, random. Borrowed. */
SIO_EXTERN const char *sio_socket_id(const sio_socket *socket);
SIO_EXTERN sio_namespace *sio_socket_namespace(const sio_socket *socket);
SIO_EXTERN sio_server *sio_socket_server(const sio_socket *socket);
SIO_EXTERN bool sio_socket_connected(const sio_socket *socket);

/* "polling" or "websocket"; "" once it is disconnected. */
SIO_EXTERN const char *sio_socket_transport(const sio_socket *socket);

/* Whether it is one that was there before: its client had lost its connection, and has got what it
 * missed (connection_state_recovery of server.h). */
SIO_EXTERN bool sio_socket_recovered(const sio_socket *socket);

/* A pointer of the application's, NULL at first. `destroy` (may be NULL) is called with it when
 * another one takes its place, or when the object is freed: after the last handler, and with the
 * last sio_socket_unref. It must call no function of the server. SIO_ENOMEM, only with `destroy`:
 * nothing has changed. */
typedef void (*sio_destroy_cb)(void *context);
SIO_EXTERN int sio_socket_set_context(sio_socket *socket, void *context, sio_destroy_cb destroy);
SIO_EXTERN void *sio_socket_context(const sio_socket *socket);

/* A value of the application's, which every node sees in what fetch_sockets brings. `format` makes
 * one value (value.h), usually a map; NULL or "" takes it away. Errors as sio_value_new. */
SIO_EXTERN SIO_MUST_USE int sio_socket_set_data(sio_socket *socket, const char *format, ...);
/* NULL if there is none (other nodes see {} then). Borrowed until it is set anew. */
SIO_EXTERN const sio_value *sio_socket_data(const sio_socket *socket);

/* Ends it: the client gets a disconnect packet. With `close` the whole connection ends, all its
 * namespaces. */
SIO_EXTERN void sio_socket_disconnect(sio_socket *socket, bool close);

/* Keeps the object beyond its disconnection, and beyond the server; it then knows its id, context
 * and handshake, and refuses the rest. Only while the server lives it also knows its namespace and
 * may broadcast. Unref takes NULL. */
SIO_EXTERN sio_socket *sio_socket_ref(sio_socket *socket);
SIO_EXTERN void sio_socket_unref(sio_socket *socket);

/* ---- handshake: the HTTP request that opened the connection, and the payload of CONNECT ---- */

/* What the client gave as `auth`; NULL if nothing. Borrowed from the socket. */
SIO_EXTERN const sio_value *sio_socket_auth(const sio_socket *socket);

/* A header by its lower-case name, or a parameter of the query, decoded; NULL if absent. Repeated
 * headers are joined by ", ". Borrowed from the socket. */
SIO_EXTERN const char *sio_socket_header(const sio_socket *socket, const char *name);
SIO_EXTERN const char *sio_socket_query(const sio_socket *socket, const char *name);

/* The address of the peer ("127.0.0.1"; behind a proxy that is the proxy's, and the client's stands
 * in the header x-forwarded-for, if that is to be believed), the URL of the request, and when it
 * came (milliseconds since 1970). */
SIO_EXTERN const char *sio_socket_address(const sio_socket *socket);
SIO_EXTERN const char *sio_socket_url(const sio_socket *socket);
SIO_EXTERN int64_t sio_socket_issued(const sio_socket *socket);

/* When it came as JavaScript writes a date, in UTC: "Sat Nov 28 2026 09:05:00 GMT+0000 (Coordinated
 * Universal Time)". */
#define SIO_TIME_SIZE 128
SIO_EXTERN void sio_socket_time(const sio_socket *socket, char out[SIO_TIME_SIZE]);

/* Whether it came over TLS, to this server or as the outermost of trusted_proxies says it did; and
 * whether by a page of any origin, which names it in the header `origin`. */
SIO_EXTERN bool sio_socket_secure(const sio_socket *socket);
SIO_EXTERN bool sio_socket_xdomain(const sio_socket *socket);

/* The subject of the certificate that the client has shown and that was verified, as RFC 2253
 * writes it ("CN=alice,O=Example"); NULL: it has shown none, or did not come over TLS. Borrowed. */
SIO_EXTERN const char *sio_socket_subject(const sio_socket *socket);

/* All of it as the map that other nodes see: {headers, time, address, xdomain, secure, issued, url,
 * query, auth}. What is no UTF-8 is repaired; of a query, SIO_LIMIT_QUERY parameters. New, to be
 * freed with sio_value_free. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_socket_handshake(const sio_socket *socket, sio_value **out);

#endif
