/* Acknowledgements that clients owe us. */
#ifndef SIO_CORE_REPLY_H
#define SIO_CORE_REPLY_H

#include "core/args.h"
#include "core/socket.h"

typedef struct sio_reply sio_reply;

/* Clients that have been asked the same by one packet: theirs are the replies. Zeroed memory, then
 * sio_ballot_init. */
typedef struct sio_ballot sio_ballot;
struct sio_ballot {
    sio_list replies;
    /* One client's first argument, undefined if it gave none; borrowed. May close the ballot. */
    void (*answer)(sio_ballot *ballot, const sio_value *value);
};

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

/* Nobody has been asked yet. */
void sio_ballot_init(sio_ballot *ballot,
                     void (*answer)(sio_ballot *ballot, const sio_value *value));

/* This socket has been sent the packet of that id. When it leaves without an answer, nobody is
 * told. SIO_ELIMIT, SIO_ENOMEM: its answer will not be heard. */
int sio_ballot_add(sio_ballot *ballot, sio_socket *socket, uint64_t id);

/* What has not come by now is not heard. */
void sio_ballot_close(sio_ballot *ballot);

#endif
