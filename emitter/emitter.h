/* The emitter from inside: what its files share. */
#ifndef SIO_EMITTER_INTERNAL_H
#define SIO_EMITTER_INTERNAL_H

#include <stdbool.h>

#include <sio/emitter.h>
#include <sio/sys/redis_access.h>
#include <sio/sys/redis_url.h>
#include <sio/sys/str.h>

struct redisContext;
struct redisReply;

struct sio_emitter {
    sio_redis_url url;
    char *key;
    uint32_t timeout_ms;
    uint32_t patience_ms; /* the same, or less while sentinels are asked */
    sio_redis_access access;
    struct redisContext *redis; /* NULL while there is no connection */
    char error[256];
};

/* Keeps a sentence for sio_emitter_error and returns `err`, so that failing is one statement. */
int sio_emitter_fail(sio_emitter *emitter, int err, const char *format, ...) SIO_PRINTF(3, 4);

/* ---- exchange.c ---- */

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

/* PUBLISH over the connection, made anew once when it turns out to be dead before the message went
 * out. Returns the number of receivers, or an error as above. */
SIO_MUST_USE int sio_emitter_publish(sio_emitter *emitter, sio_str channel, sio_str message);

void sio_emitter_disconnect(sio_emitter *emitter);

#endif
