/* A namespace as the sharded adapter has it: its names in Redis. */
#ifndef SIO_CLUSTER_SHARD_H
#define SIO_CLUSTER_SHARD_H

#include <sio/sys/adapter.h>
#include <sio/sys/member.h>

typedef struct sio_shard {
    sio_str name;
    sio_str channel; /* of all nodes: its subscribers are counted */
    sio_str own;     /* of answers to this node */
    char uid[SIO_MEMBER_UID_SIZE];
    char text[]; /* what the names point to */
} sio_shard;

static inline sio_str sio_shard_uid(const sio_shard *shard)
{
    return (sio_str){ shard->uid, sizeof shard->uid };
}

/* Hexadecimal digits, as uids and ids of requests have. */
void sio_shard_random(const sio_adapter_host *host, char out[SIO_MEMBER_UID_SIZE]);

/* A new one with a uid of its own; NULL: SIO_ENOMEM. Freed by sio_mem_free. */
sio_shard *sio_shard_new(const sio_adapter_host *host, sio_str key, sio_str name);

#endif
