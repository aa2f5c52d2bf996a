/* A message that has come on a connection to Redis, taken from the bytes as they stand: what comes
 * most is read without a copy, an allocation or a tree. */
#ifndef SIO_REDIS_MESSAGE_H
#define SIO_REDIS_MESSAGE_H

#include <stddef.h>

#include <sio/sys/str.h>

typedef enum sio_redis_kind {
    SIO_REDIS_CHANNEL, /* SUBSCRIBE */
    SIO_REDIS_PATTERN, /* PSUBSCRIBE */
    SIO_REDIS_SHARD    /* SSUBSCRIBE: one channel a command, for in a cluster each has its slot */
} sio_redis_kind;
#define SIO_REDIS_KINDS 3

typedef struct sio_redis_message {
    sio_redis_kind kind;
    sio_str name; /* the pattern, or the channel itself */
    sio_str channel;
    sio_str payload;
} sio_redis_message;

/* Reads what stands at the beginning: the bytes that it takes; 0: a message that is cut off, or
 * what may become one; SIO_EPARSE: something else. Borrowed from the input. */
long long sio_redis_message_read(sio_redis_message *out, const char *data, size_t len);

#endif
