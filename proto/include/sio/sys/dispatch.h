/*
 * What an emitter says, as commands of Redis, for each adapter: the bytes of
 * @socket.io/redis-emitter 5.1 for the classic one, of @socket.io/redis-streams-emitter 0.1 for the
 * streams. One for the sharded adapter does not exist: it gets what a node would send.
 */
#ifndef SIO_SYS_DISPATCH_H
#define SIO_SYS_DISPATCH_H

#include <stdarg.h>

#include <sio/emitter_target.h>
#include <sio/sys/request.h>

#define SIO_DISPATCH_STREAM     "socket.io"
#define SIO_DISPATCH_STREAM_LEN 10000

#define SIO_DISPATCH_WORDS 14

/* The command is kept here until the next one, in memory that is used again. Zeroed memory with
 * adapter and key set is one; the rest of the first part is for questions and streams. */
typedef struct sio_dispatch {
    sio_emitter_adapter adapter;
    sio_str key;
    sio_str stream; /* STREAMS: its name, and entries to be kept, about */
    uint32_t stream_len;
    sio_str uid;         /* where answers go; data NULL: those of the packages, "emitter" */
    sio_str id;          /* what answers repeat; data NULL: none is wanted */
    uint32_t timeout_ms; /* how long they are awaited */

    sio_str words[SIO_DISPATCH_WORDS]; /* the command, the verb first */
    size_t count;
    char why[128]; /* what was wrong: a sentence, unless the error says it all */

    sio_arena arena;
    sio_buf channel;
    sio_buf payload;
    char numbers[2][12];
} sio_dispatch;

/*
 * Each makes the command, or returns SIO_ERESERVED, SIO_EFORMAT, SIO_EUTF8, SIO_EDEPTH, SIO_ELIMIT
 * (SIO_LIMIT_PUBLISH, SIO_LIMIT_ATTACHMENTS) or SIO_ENOMEM, and `why`.
 */

/* An event for clients; with an id one that they acknowledge. */
SIO_EXTERN SIO_MUST_USE int sio_dispatch_event(sio_dispatch *self, const sio_emitter_target *target,
                                               const char *event, const char *format,
                                               va_list arguments);

/* JOIN and LEAVE (`rooms`, NULL-terminated), DISCONNECT (`close`), and the question FETCH. */
SIO_EXTERN SIO_MUST_USE int sio_dispatch_order(sio_dispatch *self, const sio_emitter_target *target,
                                               sio_cluster_op op, const char *const *rooms,
                                               bool close);

/* An event for the nodes; of the target the namespace counts. */
SIO_EXTERN SIO_MUST_USE int sio_dispatch_server_side(sio_dispatch *self,
                                                     const sio_emitter_target *target,
                                                     const char *event, const char *format,
                                                     va_list arguments);

/* The subscription to the channels on which the nodes answer uid; none of these is one by which
 * nodes are counted. */
SIO_EXTERN SIO_MUST_USE int sio_dispatch_hear(sio_dispatch *self, const sio_emitter_target *target);

/* How many nodes there are: the second item of the reply. */
SIO_EXTERN SIO_MUST_USE int sio_dispatch_count(sio_dispatch *self,
                                               const sio_emitter_target *target);

/* Gives its arena and buffers back; not the object. */
SIO_EXTERN void sio_dispatch_free(sio_dispatch *self);

#endif
