/* Acknowledgements that clients owe us. */
#ifndef SIO_CORE_REPLY_H
#define SIO_CORE_REPLY_H

#include "core/args.h"
#include "core/socket.h"

typedef struct sio_reply sio_reply;

/* The key of a namespace's map. */
sio_str sio_reply_key(const void *reply);

/* A new one, with the id of the packet to send. SIO_ELIMIT, SIO_ENOMEM. */
int sio_reply_new(sio_reply **out, sio_socket *socket, uint32_t timeout_ms, sio_reply_cb callback,
                  void *data);
uint64_t sio_reply_id(const sio_reply *reply);

/* The packet could not be sent: no callback. */
void sio_reply_cancel(sio_reply *reply);

/* The client answers; an id that is unknown, or another socket's, is ignored. */
void sio_reply_answer(sio_socket *socket, uint64_t id, const sio_args *args);

/* The socket has left: all end with SIO_ECLOSED. */
void sio_reply_close_all(sio_socket *socket);

/* Those that are due end with SIO_ETIMEOUT. */
void sio_reply_expire(sio_server *server);

#endif
