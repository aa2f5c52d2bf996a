/*
 * The streams adapter without its link: the sharded adapter's messages, of which those that nobody
 * waits for are kept in a stream, where each node reads them in one order. No Redis, no clock.
 */
#ifndef SIO_CLUSTER_STREAMS_H
#define SIO_CLUSTER_STREAMS_H

#include <sio/sys/entry.h>

#include "cluster/sharded.h"

/* What carries the stream; the channels are carried by the sio_sharded_link, whose `append` is
 * sio_streams_append. */
typedef struct sio_streams_link {
    void *data;
    /* Adds an entry, without an id. As `publish` of the other. */
    int (*add)(void *data, const sio_entry *entry);
} sio_streams_link;

typedef struct sio_streams {
    sio_sharded members; /* its questions and answers */
    sio_streams_link link;
    sio_buf data; /* scratch */
} sio_streams;

/* As sio_sharded_init. */
int sio_streams_init(sio_streams *streams, const sio_adapter_host *host,
                     const sio_sharded_link *channels, const sio_streams_link *link,
                     const sio_redis_options *options);
void sio_streams_stop(sio_streams *streams);
void sio_streams_free(sio_streams *streams);

int sio_streams_append(sio_streams *streams, const sio_member_message *message);

/* One has been read. */
void sio_streams_receive(sio_streams *streams, const sio_entry *entry, uint64_t now);

#endif
