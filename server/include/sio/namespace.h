/* A namespace: a group of sockets with its rooms, its middlewares and its handlers. */
#ifndef SIO_NAMESPACE_H
#define SIO_NAMESPACE_H

#include <sio/args.h>
#include <sio/server.h>
#include <sio/socket.h>
#include <sio/target.h>

/* "/", "/chat". Borrowed. */
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
typedef struct sio_next sio_next;
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

/* Called for every socket when it disconnects, before its own callback; one handler, a later call
 * replaces it. */
SIO_EXTERN void sio_namespace_on_disconnect(sio_namespace *nsp, sio_disconnect_cb callback,
                                            void *data);

/* Emits to the target, on every node (SIO_LOCAL: this one); NULL means everyone in the namespace.
 * `format` makes the arguments (value.h); NULL or "" means none. SIO_ERESERVED, SIO_EFORMAT,
 * SIO_EUTF8, SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN int sio_namespace_emit(sio_namespace *nsp, const sio_target *target, const char *event,
                                  const char *format, ...);
SIO_EXTERN int sio_namespace_vemit(sio_namespace *nsp, const sio_target *target, const char *event,
                                   const char *format, va_list arguments);

/* The connected socket of that id on this node, or NULL. Borrowed. */
SIO_EXTERN sio_socket *sio_namespace_socket(const sio_namespace *nsp, const char *id);

/* The number of sockets that are connected to it on this node. */
SIO_EXTERN size_t sio_namespace_count(const sio_namespace *nsp);

#endif
