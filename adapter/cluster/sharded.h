/*
 * The sharded adapter without its link: which message goes to which channel, what becomes of those
 * that come, what it has asked of other nodes and what they ask of it, and which channels it
 * subscribes to. No Redis, no clock: bytes and time are handed in and out.
 */
#ifndef SIO_CLUSTER_SHARDED_H
#define SIO_CLUSTER_SHARDED_H

#include <sio/sys/member.h>
#include <sio/sys/redis.h>

#include "cluster/duties.h"
#include "cluster/inquiries.h"
#include "cluster/shard.h"
#include "cluster/warnings.h"

/* What carries it. */
typedef struct sio_sharded_link {
    void *data;
    int (*publish)(void *data, sio_str channel, sio_str payload);
    /* Asks how many subscribe to a channel: sio_sharded_counted follows, once, never from inside
     * this call. */
    int (*count)(void *data, sio_str channel, sio_inquiry *inquiry);
    /* SIO_EEXISTS, SIO_ENOMEM. What is unsubscribed and subscribed in quick succession is in the
     * end subscribed. */
    int (*subscribe)(void *data, sio_str channel);
    void (*unsubscribe)(void *data, sio_str channel);
    /* What belongs into a stream (sio_entry_is_kept), in place of `publish`; NULL: nothing does,
     * and all is published as the sharded adapter has it. */
    int (*append)(void *data, const sio_member_message *message);
} sio_sharded_link;

typedef struct sio_sharded {
    sio_adapter_host host;
    sio_sharded_link link;
    sio_warnings warnings;
    char *key;
    sio_sharded_mode mode;
    uint32_t request_timeout_ms;
    bool ready; /* the link stands */
    bool stopped;
    bool missing;     /* a channel could not be subscribed to: tried again */
    uint64_t retried; /* when that was done last */
    uint64_t now;     /* as the last call from outside had it */
    sio_map shards;   /* by name */
    size_t longest;   /* of the names that there were */
    size_t channels;  /* that are subscribed to */
    sio_str offset;   /* of the entry in hand; data NULL: it has come by a channel */
    sio_inquiries inquiries;
    sio_duties duties; /* what others have asked */
    sio_arena arena;   /* of the message in hand */
    sio_buf channel;   /* scratch */
    sio_buf payload;
    sio_cluster_stats stats; /* of what came; and published_lost: never handed to the link */
} sio_sharded;

/* The host and the link are copied; of the options the key, the mode and the time-out count. The
 * object must stay where it is. SIO_ENOMEM. */
int sio_sharded_init(sio_sharded *sharded, const sio_adapter_host *host,
                     const sio_sharded_link *link, const sio_redis_options *options);
/* From now on nobody is called but the link, and that only to free what it holds. */
void sio_sharded_stop(sio_sharded *sharded);
void sio_sharded_free(sio_sharded *sharded);

/* A namespace opens, and closes: what there is to hear is subscribed to. SIO_EEXISTS, SIO_ENOMEM.
 */
int sio_sharded_open(sio_sharded *sharded, sio_str nsp);
void sio_sharded_close(sio_sharded *sharded, sio_str nsp);

/* ---- out: as sio_adapter_ops has them ---- */

/* SIO_ENOTFOUND: no such namespace is open. SIO_ELIMIT: longer than SIO_LIMIT_PUBLISH. SIO_ENOMEM;
 * what the link says. */
int sio_sharded_broadcast(sio_sharded *sharded, const sio_cluster_message *message);
int sio_sharded_tell(sio_sharded *sharded, const sio_cluster_request *request);
int sio_sharded_ask(sio_sharded *sharded, const sio_cluster_request *request, sio_asker *asker);
void sio_sharded_forget(sio_sharded *sharded, const sio_asker *asker);
void sio_sharded_room(sio_sharded *sharded, sio_str nsp, sio_str room, bool present, uint64_t now);

/* The channel on which this node alone hears; data NULL: "/" is not open. */
sio_str sio_sharded_own(const sio_sharded *sharded);

/* ---- in: from the link ---- */

void sio_sharded_ready(sio_sharded *sharded, bool ready, uint64_t now);
/* The answer to `count`; `err` SIO_ECLOSED, SIO_EREDIS. */
void sio_sharded_counted(sio_sharded *sharded, sio_inquiry *inquiry, int err, uint64_t subscribers);
void sio_sharded_receive(sio_sharded *sharded, sio_str channel, sio_str payload, uint64_t now);

/* The same with a message that has been read, into the arena: it is carried out, unless it is of
 * this node, or of a namespace that is not open. SIO_EPARSE: an answer that is none to what was
 * asked; SIO_ELIMIT, SIO_ENOMEM. */
int sio_sharded_take(sio_sharded *sharded, const sio_member_message *message);

/* Hands a broadcast to the server; offset.data NULL: it has none. */
void sio_sharded_deliver(sio_sharded *sharded, const sio_member_message *message, sio_str offset);

/* ---- its parts, of each other ---- */

/* Publishes as that namespace on a channel: in the scratch buffer, which is empty then. */
int sio_sharded_publish(sio_sharded *sharded, sio_str channel, const sio_member_message *message);
/* A question of another node. SIO_ELIMIT, SIO_ENOMEM. */
int sio_sharded_serve(sio_sharded *sharded, const sio_shard *shard,
                      const sio_member_message *message);
/* The answer of another node. SIO_EPARSE: none to what was asked; SIO_ENOMEM. */
int sio_sharded_answered(sio_sharded *sharded, const sio_shard *shard,
                         const sio_member_message *message);
/* Fails what was asked in a namespace, in all with NULL. */
void sio_sharded_fail(sio_sharded *sharded, const sio_shard *shard, int err);
int sio_sharded_listen(sio_sharded *sharded, const sio_shard *shard);
void sio_sharded_unlisten(sio_sharded *sharded, const sio_shard *shard);
/* Subscribes once more to what is missing. */
void sio_sharded_listen_again(sio_sharded *sharded);

/* Whether messages to that room alone go by a channel of its own. */
static inline bool sio_sharded_separates(const sio_sharded *sharded, sio_str room)
{
    return sharded->mode == SIO_SHARDED_DYNAMIC_PRIVATE ||
           (sharded->mode == SIO_SHARDED_DYNAMIC && !sio_member_is_private(room));
}

#endif
