/*
 * Where the sessions of clients that have lost their connection wait for their return, with what is
 * emitted meanwhile: the memory of this process, or an adapter's own, which other nodes read too.
 * The server calls it through the functions below, on its loop; times are its milliseconds.
 */
#ifndef SIO_SYS_RECOVERY_H
#define SIO_SYS_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/kept.h>

/*
 * One who waits for a session: the server's. `answer` comes once, now or later, never after
 * `forget`. `session` NULL: it is not to be had (it is not known, it has expired, or the offset is
 * not known or so old that packets behind it are lost). Else it has been taken out, so that nobody
 * gets it a second time, and `missed` are the packets behind the offset which were for it, in
 * order: arrays [event, …arguments, offset]. What is emitted after the call reaches the server as
 * ever: not before this call, and nothing twice. All borrowed for the call.
 */
typedef struct sio_restorer sio_restorer;
struct sio_restorer {
    void (*answer)(sio_restorer *restorer, const sio_session *session, const sio_value *missed,
                   size_t missed_count);
};

typedef struct sio_recovery sio_recovery;

#define SIO_OFFSET_SIZE 48 /* an offset and its NUL */

typedef struct sio_recovery_stats {
    uint64_t sessions; /* that wait now */
    uint64_t packets;  /* that are kept now */
    uint64_t bytes;    /* that both take now */
    uint64_t dropped;  /* sessions and packets that had to go before their time, for the bytes */
} sio_recovery_stats;

typedef struct sio_recovery_ops {
    /* Keeps the session, for as long as it was told when it was made. SIO_ENOMEM, SIO_ELIMIT,
     * SIO_ECLOSED: it is not kept. */
    int (*persist)(sio_recovery *recovery, const sio_session *session, uint64_t now);

    /* Takes out the session of that pid for a client that has got everything up to that offset. */
    void (*restore)(sio_recovery *recovery, sio_str nsp, sio_str pid, sio_str offset, uint64_t now,
                    sio_restorer *restorer);
    void (*forget)(sio_recovery *recovery, sio_restorer *restorer);

    /*
     * A packet goes out that recovered clients must not miss: neither volatile nor with an
     * acknowledgement. Its offset is written to `offset`, and clients get it as one argument more.
     * Called for what the other nodes sent, too, unless message->offset was set by the adapter.
     * SIO_ENOMEM, SIO_ELIMIT: it goes out without one.
     *
     * NULL: offsets are given by the adapter that the recovery belongs to, and only together with
     * the order in which all nodes deliver. `broadcast` of such an adapter returns
     * SIO_ADAPTER_DELIVERS where this node has to wait for its turn: it has delivered nothing, and
     * the adapter calls deliver of its host for this node too, in the order of the calls, with
     * message->offset set. What is emitted to one socket goes that way too, as a broadcast to the
     * room of its id. Without a link, and when the adapter has waited for long enough, it does not
     * make this node wait: what is owed is delivered at once, without offsets, and 0 is returned
     * for what follows.
     */
    int (*record)(sio_recovery *recovery, const sio_cluster_message *message, uint64_t now,
                  char offset[SIO_OFFSET_SIZE]);

    /* Where `record` is NULL: how many broadcasts this node was to wait for until now, and how many
     * of these have been handed to `deliver`, the one in hand included. What else is sent to a
     * client has to wait for those that were promised before it. */
    void (*debt)(const sio_recovery *recovery, uint64_t *promised, uint64_t *kept);
    /* All that is owed is delivered from inside this call, without offsets. */
    void (*settle)(sio_recovery *recovery);

    /* Whether packets of that namespace are wanted though nobody here may be in their rooms: a
     * session of it waits. NULL: never. */
    bool (*waits)(const sio_recovery *recovery, sio_str nsp);

    /* When `tick` has something to do, UINT64_MAX: nothing. NULL, both: never. */
    uint64_t (*due)(const sio_recovery *recovery);
    void (*tick)(sio_recovery *recovery, uint64_t now);

    void (*stats)(const sio_recovery *recovery, sio_recovery_stats *out);

    /* Frees it, with all that it keeps. NULL: it is its adapter's. */
    void (*free)(sio_recovery *recovery);
} sio_recovery_ops;

struct sio_recovery {
    const sio_recovery_ops *ops;
};

/* ---- in memory ---- */

typedef struct sio_sessions_options {
    uint32_t session_ms; /* how long a session waits */
    uint32_t packet_ms;  /* how long a packet is kept: longer than that by the time in which a lost
                            connection is noticed */
    size_t max_bytes;    /* of both together; the oldest go first */
    uint64_t seed[2];    /* random, for the hash maps */
    uint64_t epoch;      /* random, in the offsets: those of another process are not ours */
} sio_sessions_options;

/* A new store. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_sessions_new(sio_recovery **out,
                                             const sio_sessions_options *options);

#endif
