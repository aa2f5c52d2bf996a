/*
 * Commands on their way to Redis: a window of them is written and unanswered, the rest waits in a
 * bounded queue. What was in the window when the connection was lost is not sent again, for Redis
 * may have executed it already.
 */
#ifndef SIO_REDIS_OUTGOING_H
#define SIO_REDIS_OUTGOING_H

#include <sio/sys/str.h>

#include "redis/conn.h"

typedef struct sio_outgoing {
    sio_redis_conn *conn; /* whose user this is */
    bool open;            /* to be written now; between sio_outgoing_open and sio_outgoing_ground */
    struct sio_outgoing_entry *head;
    struct sio_outgoing_entry *tail;
    size_t queued_bytes;
    size_t flying_bytes; /* written, not answered */
    size_t flying;
    uint64_t published;
    uint64_t lost;
    /* Redis has refused one that nobody waits for; everything has been answered. */
    void (*refused)(struct sio_outgoing *outgoing, const char *why);
    void (*empty)(struct sio_outgoing *outgoing);
} sio_outgoing;

/* Writes it, or puts it at the end of the queue; counts it as published. SIO_ELIMIT: more than
 * SIO_LIMIT_REDIS_QUEUE bytes wait; SIO_ENOMEM. On an error it counts as lost. */
int sio_outgoing_send(sio_outgoing *outgoing, const sio_redis_command *command);

/* The connection is ready: what waits is written as far as the window has room. */
void sio_outgoing_open(sio_outgoing *outgoing);

/* The connection is gone, and has told so each that was on its way. */
void sio_outgoing_ground(sio_outgoing *outgoing);

/* Tells all who wait for an answer that none will come; what was sent stays on its way. */
void sio_outgoing_disown(sio_outgoing *outgoing);

/* Bytes that wait, those that are written and unanswered included. */
size_t sio_outgoing_bytes(const sio_outgoing *outgoing);

bool sio_outgoing_is_empty(const sio_outgoing *outgoing);

/* Drops what waits. */
void sio_outgoing_free(sio_outgoing *outgoing);

#endif
