/*
 * The classic adapter without its link: which message goes to which channel, which of those that
 * come are for this node, what it has asked of other nodes and what they ask of it, and which
 * channels it subscribes to. No Redis, no clock: bytes and time are handed in and out.
 */
#ifndef SIO_CLUSTER_CLASSIC_H
#define SIO_CLUSTER_CLASSIC_H

#include <sio/sys/classic.h>
#include <sio/sys/redis.h>

#include "cluster/balance.h"
#include "cluster/barrier.h"
#include "cluster/duties.h"
#include "cluster/inquiries.h"
#include "cluster/space.h"
#include "cluster/warnings.h"

/* What carries it. */
typedef struct sio_classic_link {
    void *data;
    int (*publish)(void *data, sio_str channel, sio_str payload);
    /* Asks how many subscribe to a channel: sio_classic_counted follows, once, never from inside
     * this call. */
    int (*count)(void *data, sio_str channel, sio_inquiry *inquiry);
    /* Confirmed by sio_classic_subscribed, in the order of the calls for channels. SIO_EEXISTS,
     * SIO_ENOMEM. */
    int (*subscribe)(void *data, bool pattern, sio_str name);
    void (*unsubscribe)(void *data, bool pattern, sio_str name);
    /* Whether Redis has confirmed it. */
    bool (*is_subscribed)(void *data, bool pattern, sio_str name);
} sio_classic_link;

/* How it hears broadcasts; on the way from one to the other it is subscribed both ways. */
typedef enum sio_hearing {
    SIO_HEARING_PATTERN,
    SIO_HEARING_TO_ROOMS,
    SIO_HEARING_ROOMS,
    SIO_HEARING_TO_PATTERN
} sio_hearing;

typedef struct sio_classic {
    sio_adapter_host host;
    sio_classic_link link;
    sio_warnings warnings;
    char *key;
    sio_redis_subscribe subscribe;
    uint32_t request_timeout_ms;
    bool specific; /* answers go to the channel of who asked */
    bool ready;    /* the link stands */
    bool stopped;
    uint64_t now;                   /* as the last call from outside had it */
    sio_map namespaces;             /* by name */
    sio_map patterns;               /* the same by pattern */
    const struct sio_space *latest; /* by whose pattern the last message came; NULL: none yet */

    sio_inquiries inquiries;
    sio_duties duties; /* what others have asked */

    sio_hearing hearing;
    sio_balance balance;
    sio_barrier barrier;
    sio_buf marker;  /* the channel that is the barrier's */
    uint64_t turn;   /* TO_ROOMS: the barrier after which the channels are heard */
    bool partial;    /* TO_ROOMS: not all channels could be subscribed to */
    size_t channels; /* of namespaces and rooms that are subscribed to */
    size_t longest;  /* of the names of namespaces that there were */

    sio_arena arena; /* of the message in hand */
    sio_buf channel; /* scratch */
    sio_buf payload;
    sio_buf json;            /* likewise, of the message in hand */
    sio_cluster_stats stats; /* of what came; and published_lost: never handed to the link */
} sio_classic;

/* The host and the link are copied; of the options the key, the way to subscribe, and those of
 * requests count. The object must stay where it is. SIO_ENOMEM. */
int sio_classic_init(sio_classic *classic, const sio_adapter_host *host,
                     const sio_classic_link *link, const sio_redis_options *options);
/* From now on nobody is called but the link, and that only to free what it holds. */
void sio_classic_stop(sio_classic *classic);
void sio_classic_free(sio_classic *classic);

/* A namespace opens, and closes: what there is to hear is subscribed to. SIO_EEXISTS, SIO_ENOMEM.
 */
int sio_classic_open(sio_classic *classic, sio_str nsp);
void sio_classic_close(sio_classic *classic, sio_str nsp);

/* ---- out: as sio_adapter_ops has them ---- */

/* To the room's own channel if it is for exactly one, else to the namespace's. SIO_ENOTFOUND: no
 * such namespace is open. SIO_ELIMIT: longer than SIO_LIMIT_PUBLISH. SIO_ENOMEM; what the link
 * says.
 */
int sio_classic_broadcast(sio_classic *classic, const sio_cluster_message *message);
int sio_classic_tell(sio_classic *classic, const sio_cluster_request *request);
int sio_classic_ask(sio_classic *classic, const sio_cluster_request *request, sio_asker *asker);
void sio_classic_forget(sio_classic *classic, const sio_asker *asker);
void sio_classic_room(sio_classic *classic, sio_str nsp, sio_str room, bool present, uint64_t now);

/* The channel on which this node alone hears; data NULL: "/" is not open. */
sio_str sio_classic_own(const sio_classic *classic);

/* ---- in: from the link ---- */

/* It stands and all that was subscribed to is confirmed; or it is lost. */
void sio_classic_ready(sio_classic *classic, bool ready, uint64_t now);
/* Redis has confirmed it: what is published from here on comes. */
void sio_classic_subscribed(sio_classic *classic, bool pattern, sio_str name, uint64_t now);
/* The answer to `count`; `err` SIO_ECLOSED, SIO_EREDIS. */
void sio_classic_counted(sio_classic *classic, sio_inquiry *inquiry, int err, uint64_t subscribers);

/* A message has come that matched `pattern`; or one on a channel that was subscribed to. One that
 * several patterns match comes once for each; only the namespace that it names takes it. */
void sio_classic_receive(sio_classic *classic, sio_str pattern, sio_str channel, sio_str payload,
                         uint64_t now);
void sio_classic_receive_channel(sio_classic *classic, sio_str channel, sio_str payload,
                                 uint64_t now);

#endif
