#include "core/quota.h"

#include <sio/sys/mem.h>

#include "core/bucket.h"

struct sio_quota {
    sio_bucket packets;
    sio_bucket bytes;
};

static bool take(sio_bucket *bucket, const sio_rate *rate, uint64_t now, size_t count)
{
    return rate->per_second == 0 || sio_bucket_take(bucket, rate, now, count);
}

bool sio_quota_take(sio_client *client, size_t bytes)
{
    sio_server *server = client->server;
    const sio_limit_options *limits = &server->limits;
    if (!client->quota && !(client->quota = sio_mem_zalloc(sizeof(*client->quota)))) {
        sio_client_fail(client, "out of memory");
        return false;
    }
    if (take(&client->quota->packets, &limits->packets, server->now, 1) &&
        take(&client->quota->bytes, &limits->bytes, server->now, bytes))
        return true;
    if (!client->failure)
        server->stats.rate_exceeded++;
    sio_client_fail_for(client, SIO_EIO_RATE_LIMIT, "it sends more than limits.packets or bytes");
    return false;
}
