/* The emitter from inside: what its files share. */
#ifndef SIO_EMITTER_INTERNAL_H
#define SIO_EMITTER_INTERNAL_H

#include <stdbool.h>

#include <sio/emitter.h>
#include <sio/sys/buf.h>
#include <sio/sys/dispatch.h>
#include <sio/sys/redis_access.h>
#include <sio/sys/redis_url.h>
#include <sio/sys/str.h>

struct redisContext;
struct redisReply;

/* Commands that are written together. */
typedef struct sio_batch {
    sio_buf out;     /* commands that are not written as a whole */
    size_t waiting;  /* their number */
    uint64_t flying; /* those that are written, and not answered */
    int err;         /* the first that Redis has refused since the last flush */
    sio_emitter_tally tally;
} sio_batch;

struct sio_emitter {
    sio_redis_url url;
    char *key;
    char *stream;
    uint32_t timeout_ms;
    uint32_t patience_ms; /* the same, or less while sentinels are asked */
    uint32_t retry_ms;
    size_t reply_max; /* bytes of one reply */
    sio_redis_access access;
    struct redisContext *redis; /* NULL while there is no connection */
    sio_dispatch dispatch;
    sio_batch batch;
    unsigned forks; /* sio_fork_count of the process that has the connection */
    bool unsure;    /* the last command was written, and not answered */
    bool passing;   /* Redis has refused, and will not for long */
    char error[256];
};

/* Keeps a sentence for sio_emitter_error and returns `err`, so that failing is one statement. */
int sio_emitter_fail(sio_emitter *emitter, int err, const char *format, ...) SIO_PRINTF(3, 4);

/* ---- exchange.c ---- */

int64_t sio_emitter_now_ms(void);

/* Commands as Redis reads them; one that is cut short is never executed. `done` gets what has been
 * written, or on an error may have been. SIO_ECLOSED: the connection is dead; SIO_ETIMEOUT,
 * SIO_ENOMEM. */
SIO_MUST_USE int sio_emitter_write(sio_emitter *emitter, const char *data, size_t len,
                                   int64_t deadline, size_t *done);

/* Appends a command as Redis reads it. */
void sio_emitter_encode(sio_buf *out, const sio_str *words, size_t count);

/* The next reply, an error of Redis too; on an error the connection is not closed. */
SIO_MUST_USE int sio_emitter_read(sio_emitter *emitter, struct redisReply **out, int64_t deadline);

/* Waits for something to read, and gives it to hiredis. SIO_ETIMEOUT, SIO_ECONNECT. */
SIO_MUST_USE int sio_emitter_fill(sio_emitter *emitter, int64_t deadline);

/* Takes an error of Redis for ours: SIO_EAUTH or SIO_EREDIS. */
int sio_emitter_refused(sio_emitter *emitter, const char *text);

/* Sends a command and waits for the answer. An error of Redis is an error here. SIO_ECLOSED: never
 * executed. A connection that has failed half-way is closed: a late answer would be taken for that
 * of the next command. Also SIO_ECONNECT, SIO_EAUTH, SIO_ETIMEOUT, SIO_EREDIS, SIO_ENOMEM. */
SIO_MUST_USE int sio_emitter_exchange(sio_emitter *emitter, const sio_str *words, size_t count,
                                      struct redisReply **out);

/* The same; returns the integer of the reply, 0 for one that is none. */
SIO_MUST_USE int sio_emitter_command(sio_emitter *emitter, const sio_str *words, size_t count);

/* ---- connection.c ---- */

/* Opens a connection, authenticates, and makes sure that it is Redis who answers, and the master.
 * Whatever connection there was is closed. SIO_EACCESS, SIO_ECONNECT, SIO_EAUTH, SIO_ETIMEOUT,
 * SIO_EREDIS, SIO_ENOMEM. */
SIO_MUST_USE int sio_emitter_connect(sio_emitter *emitter);

/* Whether there is a connection that the other side has not closed. */
bool sio_emitter_connected(const sio_emitter *emitter);

/* The same, as often as retry_ms allows until then. */
SIO_MUST_USE int sio_emitter_reach(sio_emitter *emitter, int64_t until);

/* Executes a command over the connection, made anew when it turns out to be dead before the command
 * went out. Errors as above. */
SIO_MUST_USE int sio_emitter_execute(sio_emitter *emitter, const sio_str *words, size_t count,
                                     struct redisReply **out);

void sio_emitter_disconnect(sio_emitter *emitter);

/* Before anything is said: in a child of fork the connection, and what waits, are the parent's. */
void sio_emitter_own(sio_emitter *emitter);

/* ---- batch.c ---- */

/* Writes what is queued and waits for the answers; the tally is kept. */
SIO_MUST_USE int sio_emitter_drain(sio_emitter *emitter);

/* ---- answers.c ---- */

typedef struct sio_collector sio_collector;

/* New ones; NULL when memory is out. `keep`: the values are wanted, not only their number. */
sio_collector *sio_collector_new(sio_emitter_adapter adapter, sio_cluster_op op, sio_str id,
                                 uint32_t nodes, bool keep);

/* What has come on a channel of answers: what does not belong to the question is passed over.
 * SIO_ELIMIT, SIO_ENOMEM. */
SIO_MUST_USE int sio_collector_take(sio_collector *collector, sio_str payload);
bool sio_collector_is_complete(const sio_collector *collector);

/* The collector as what the application gets, of which it lives on as a part. */
sio_emitter_answers *sio_collector_end(sio_collector *self);

/* ---- emit.c ---- */

/* Forgets the last error, and drains. SIO_EURL: there is nothing to connect to. */
SIO_MUST_USE int sio_emitter_begin(sio_emitter *emitter);

/* Keeps the sentence for an error of the dispatch, if it is one. */
int sio_emitter_made(sio_emitter *emitter, int err);

/* The number that a count is answered by, at the end of the reply. */
int sio_emitter_counted(const struct redisReply *reply);

#endif
