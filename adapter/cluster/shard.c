#include "cluster/shard.h"

#include <sio/sys/mem.h>

#include "cluster/scratch.h"

void sio_shard_random(const sio_adapter_host *host, char out[SIO_MEMBER_UID_SIZE])
{
    uint8_t random[SIO_MEMBER_UID_SIZE / 2];
    host->random(host->data, random, sizeof random);
    for (size_t i = 0; i < SIO_MEMBER_UID_SIZE; i++)
        out[i] = "0123456789abcdef"[random[i / 2] >> (i % 2 ? 0 : 4) & 15];
}

/* The name stands within its channel, and that at the front of the own one. */
sio_shard *sio_shard_new(const sio_adapter_host *host, sio_str key, sio_str name)
{
    char uid[SIO_MEMBER_UID_SIZE];
    sio_buf own = { 0 };
    sio_shard_random(host, uid);
    sio_cluster_channel(&own, key, name, (sio_str){ uid, sizeof uid });
    sio_shard *self = own.err ? NULL : sio_mem_zalloc(sizeof *self + own.len);
    if (self) {
        memcpy(self->text, own.data, own.len);
        memcpy(self->uid, uid, sizeof uid);
        self->name = (sio_str){ self->text + key.len + 1, name.len };
        self->channel = (sio_str){ self->text, key.len + name.len + 2 };
        self->own = (sio_str){ self->text, own.len };
    }
    sio_buf_free(&own);
    return self;
}
