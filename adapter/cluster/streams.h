/*
 * The streams adapter without its link: the sharded adapter's messages, of which those that nobody
 * waits for are kept in a stream, where each node reads them in one order. No Redis, no clock.
 *
 * Where clients may be recovered, this node delivers its own broadcasts when it reads them, as the
 * others do: then a client that has got one with an offset has got all before it. It knows them
 * again by their mark. They are owed until then, and no longer than the link stands and
 * SIO_LIMIT_OWED_MS.
 */
#ifndef SIO_CLUSTER_STREAMS_H
#define SIO_CLUSTER_STREAMS_H

#include <sio/sys/entry.h>

#include "cluster/owed.h"
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
    bool recovers;
    bool hurried;   /* Redis takes too long: nothing is owed until it is seen to answer again */
    bool owing;     /* the message in hand is to be owed */
    bool settling;  /* what is owed is being delivered */
    uint64_t marks; /* that were given out */
    uint64_t hurry; /* the last of them when it became hurried */
    uint64_t ahead; /* the last of those whose event went out before it was read */
    uint64_t seen;  /* the last that was read */
    uint64_t late;  /* that of the first owed, whose time is over */
    uint64_t last;  /* when it waits no more */
    sio_owed owed;
} sio_streams;

/* As sio_sharded_init. */
int sio_streams_init(sio_streams *streams, const sio_adapter_host *host,
                     const sio_sharded_link *channels, const sio_streams_link *link,
                     const sio_redis_options *options);
void sio_streams_stop(sio_streams *streams);
void sio_streams_free(sio_streams *streams);

int sio_streams_append(sio_streams *streams, const sio_member_message *message);

/* As sio_adapter_ops has it: SIO_ADAPTER_DELIVERS, it is owed to this node. */
int sio_streams_broadcast(sio_streams *streams, const sio_cluster_message *message, uint64_t now);

/* The link, as sio_sharded_ready. */
void sio_streams_ready(sio_streams *streams, bool ready, uint64_t now);

/* Delivers what is owed, at once and without offsets. */
void sio_streams_settle(sio_streams *streams);
/* When it has been owed for too long, UINT64_MAX: nothing is; and what is done about it then. */
uint64_t sio_streams_due(const sio_streams *streams);
void sio_streams_tick(sio_streams *streams, uint64_t now);

/* Is that one of this node's own, of which its clients have got the event, and which it does not
 * deliver when it reads it? */
bool sio_streams_gave_out(const sio_streams *streams, const sio_entry *entry);

/* One has been read. */
void sio_streams_receive(sio_streams *streams, const sio_entry *entry, uint64_t now);

#endif
