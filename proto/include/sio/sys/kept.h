/*
 * What the streams adapter keeps of a client that may come back: its session, as a value in Redis,
 * and which entries of the stream it has missed. As @socket.io/redis-streams-adapter 0.3 has it:
 * base64 of the MessagePack map {sid, pid, rooms, data}, to which ours adds nsp.
 */
#ifndef SIO_SYS_KEPT_H
#define SIO_SYS_KEPT_H

#include <sio/sys/entry.h>

/* What a socket was. All borrowed. */
typedef struct sio_session {
    sio_str nsp; /* data NULL: not said */
    sio_str sid;
    sio_str pid;          /* the secret by which its client is known again */
    const sio_str *rooms; /* its own id among them, while it is in that room */
    size_t rooms_count;
    sio_value data; /* undefined: none */
} sio_session;

/* Appends the value. A session without data gets an empty map, which is what Node.js expects. */
SIO_EXTERN void sio_kept_write(sio_buf *out, const sio_session *session);

/* Reads one; all that it points to is in the arena. SIO_EPARSE, SIO_EDEPTH, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_kept_read(sio_session *out, sio_arena *arena, sio_str text);

/* Whether that message is an event which was for the socket, and which a client must not miss:
 * neither volatile nor one that it would have been asked to acknowledge. */
SIO_EXTERN bool sio_kept_missed(const sio_session *session, const sio_member_message *message);

#endif
