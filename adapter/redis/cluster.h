/*
 * Redis Cluster: a link to each master, and which of them has what. Shard channels go to the master
 * that has their slot, and follow it when it moves; all other channels and patterns, and what is
 * published to them, go to one of the masters, which tells the rest, and to another if that is
 * lost.
 *
 * It is ready when all subscriptions are confirmed and that one master is linked; with shard
 * channels, when every slot has a master and each of these is linked. What cannot be sent meanwhile
 * waits, also what is for a master that is gone, until another has its slots. Delivery is at most
 * once, as by a link. What is published to a slot in the moment when it moves may come out of
 * order.
 */
#ifndef SIO_REDIS_CLUSTER_H
#define SIO_REDIS_CLUSTER_H

#include "redis/link.h"

typedef struct sio_redis_cluster sio_redis_cluster;

/* As sio_redis_link_new, with a URL whose `cluster` is set. */
int sio_redis_cluster_new(sio_redis_cluster **out, uv_loop_t *loop, sio_redis_url *url,
                          const sio_redis_link_events *events);

/* As those of the link. */
int sio_redis_cluster_subscribe(sio_redis_cluster *cluster, sio_redis_kind kind, sio_str name);
void sio_redis_cluster_unsubscribe(sio_redis_cluster *cluster, sio_redis_kind kind, sio_str name);
bool sio_redis_cluster_is_subscribed(const sio_redis_cluster *cluster, sio_redis_kind kind,
                                     sio_str name);

/* SIO_ELIMIT: SIO_LIMIT_REDIS_QUEUE bytes wait already; SIO_ENOMEM, SIO_ECLOSED. */
int sio_redis_cluster_publish(sio_redis_cluster *cluster, bool shard, sio_str channel,
                              sio_str payload);

/* How many subscribe to a channel: to one of a shard at its master, to another at all masters that
 * are linked. It is answered once, never from inside this call, unless an error is returned:
 * SIO_ECLOSED, SIO_ELIMIT, SIO_ENOMEM. */
typedef void (*sio_redis_cluster_counted)(void *data, int err, uint64_t count, const char *why);
int sio_redis_cluster_count(sio_redis_cluster *cluster, bool shard, sio_str channel,
                            sio_redis_cluster_counted counted, void *data);

void sio_redis_cluster_stats(const sio_redis_cluster *cluster, sio_cluster_stats *out);
void sio_redis_cluster_stop(sio_redis_cluster *cluster, void (*done)(void *data), void *data);

#endif
