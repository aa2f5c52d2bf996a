/*
 * The classic adapter without its link: which message goes to which channel, and which of those
 * that come are for this node. No Redis, no clock: bytes and time are handed in and out.
 */
#ifndef SIO_CLUSTER_CLASSIC_H
#define SIO_CLUSTER_CLASSIC_H

#include <sio/sys/adapter.h>
#include <sio/sys/map.h>

#include "cluster/warnings.h"

/* Sends bytes to a channel; 0, or an error that sio_classic_broadcast returns. */
typedef int (*sio_classic_publish)(void *data, sio_str channel, sio_str payload);

typedef struct sio_classic {
    sio_adapter_host host;
    sio_warnings warnings;
    char *key;
    sio_map namespaces; /* by name */
    sio_map patterns;   /* the same by pattern */
    sio_arena arena;    /* of the message in hand */
    sio_buf channel;
    sio_buf payload;
    sio_cluster_stats stats; /* of what came; and published_lost: never handed to the link */
} sio_classic;

/* `host` is copied. The object must stay where it is. `key` NULL: SIO_CLUSTER_KEY. SIO_ENOMEM. */
int sio_classic_init(sio_classic *classic, const sio_adapter_host *host, const char *key);
void sio_classic_free(sio_classic *classic);

/* A namespace opens; `pattern` (borrowed until it closes) is what to subscribe to. SIO_EEXISTS,
 * SIO_ENOMEM. */
int sio_classic_open(sio_classic *classic, sio_str nsp, sio_str *pattern);
/* What sio_classic_open gave; data NULL if no such namespace is open. */
sio_str sio_classic_pattern(const sio_classic *classic, sio_str nsp);
void sio_classic_close(sio_classic *classic, sio_str nsp);

/* Publishes a message: to the room's own channel if it is for exactly one, else to the namespace's.
 * SIO_ENOTFOUND: no such namespace is open. SIO_ELIMIT: longer than SIO_LIMIT_PUBLISH. SIO_ENOMEM.
 */
int sio_classic_broadcast(sio_classic *classic, const sio_cluster_message *message,
                          sio_classic_publish publish, void *data);

/* A message has come that matched `pattern`. One that several patterns match comes once for each;
 * only the namespace that it names takes it. */
void sio_classic_receive(sio_classic *classic, sio_str pattern, sio_str channel, sio_str payload,
                         uint64_t now);

#endif
