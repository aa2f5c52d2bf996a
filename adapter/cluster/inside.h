/* What the parts of the classic adapter have of each other. */
#ifndef SIO_CLUSTER_INSIDE_H
#define SIO_CLUSTER_INSIDE_H

#include "cluster/candidate.h"
#include "cluster/classic.h"
#include "cluster/has_room.h"
#include "cluster/scratch.h"

static inline sio_str sio_classic_key(const sio_classic *classic)
{
    return sio_str_from(classic->key);
}

/* Hands a payload that is in the scratch buffer to the link. SIO_ELIMIT, SIO_ENOMEM; counted. */
int sio_classic_publish(sio_classic *classic, sio_str channel, const sio_buf *payload);

/* A message that has come is of no use: counted, and logged once a minute. */
void sio_classic_drop(sio_classic *classic, int err, sio_str channel);

/* The namespaces whose name the channel may begin with, after `*at` bytes; NULL at the end. Several
 * may, for names may hold `#`. */
sio_space *sio_classic_candidate(const sio_classic *classic, sio_str channel, size_t *at);

/* ---- what this node has asked ---- */

void sio_classic_answered(sio_classic *classic, const sio_space *space, sio_str channel,
                          sio_str payload);
/* Fails those of a namespace, of all with NULL. */
void sio_classic_fail(sio_classic *classic, const sio_space *space, int err);

/* ---- what others ask ---- */

void sio_classic_serve(sio_classic *classic, const sio_space *space, sio_str channel,
                       sio_str payload);

/* ---- subscriptions ---- */

int sio_hearing_open(sio_classic *classic, sio_space *space);
void sio_hearing_close(sio_classic *classic, sio_space *space);
/* Before each message that comes by a channel. */
void sio_hearing_boundary(sio_classic *classic);
/* After each message: whether another way to hear is better by now. */
void sio_hearing_judge(sio_classic *classic);
/* What was to be confirmed before rooms are heard may be by now: at this place of the stream. */
void sio_hearing_turn(sio_classic *classic);

/* The channel of a room, with room.data NULL of the namespace itself. SIO_ELIMIT, SIO_ENOMEM. */
int sio_channel_add(sio_classic *classic, const sio_space *space, sio_str room);
void sio_channel_remove(sio_classic *classic, const sio_space *space, sio_str room);
/* Those of a namespace and all rooms that it has. On an error some are there. */
int sio_channels_add(sio_classic *classic, sio_space *space);
void sio_channels_remove(sio_classic *classic, sio_space *space);

/* Subscribes to a marker where something waits for one and none is on its way. */
void sio_marker_set(sio_classic *classic);
/* The one that is subscribed to has been passed, or is not waited for any more. */
void sio_marker_pass(sio_classic *classic);
/* Publishes what says something about rooms of this node: not before Redis has confirmed what was
 * subscribed to until now. */
void sio_hearing_answer(sio_classic *classic, sio_str channel, const sio_buf *payload);

#endif
