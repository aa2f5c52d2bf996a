#include "redis/ops.h"

#include <sio/err.h>

#include "redis/base.h"
#include "redis/probe.h"

int sio_redis_op_open(sio_adapter *adapter, sio_str nsp)
{
    const sio_redis_base *base = sio_redis_base_of(adapter);
    return base->protocol->open(base->part, nsp);
}

void sio_redis_op_close(sio_adapter *adapter, sio_str nsp)
{
    const sio_redis_base *base = sio_redis_base_of(adapter);
    base->protocol->close(base->part, nsp);
}

int sio_redis_op_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    const sio_redis_base *base = sio_redis_base_of(adapter);
    if (base->stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(base, base->protocol->broadcast(base->part, message), "broadcast");
}

int sio_redis_op_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    const sio_redis_base *base = sio_redis_base_of(adapter);
    if (base->stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(base, base->protocol->tell(base->part, request), "request");
}

int sio_redis_op_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    const sio_redis_base *base = sio_redis_base_of(adapter);
    if (base->stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(base, base->protocol->ask(base->part, request, asker), "request");
}

void sio_redis_op_forget(sio_adapter *adapter, sio_asker *asker)
{
    const sio_redis_base *base = sio_redis_base_of(adapter);
    base->protocol->forget(base->part, asker);
}

void sio_redis_op_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    const sio_redis_base *base = sio_redis_base_of(adapter);
    base->protocol->room(base->part, nsp, room, present, uv_now(base->loop));
}

void sio_redis_op_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    const sio_redis_base *base = (const sio_redis_base *)(const void *)adapter;
    base->protocol->stats(base->part, out);
    sio_redis_base_stats(base, out);
}

void sio_redis_op_probe(sio_adapter *adapter)
{
    sio_redis_base *base = sio_redis_base_of(adapter);
    sio_probe_send(base, base->protocol->own(base->part));
}

void sio_redis_op_stop(sio_adapter *adapter, void (*done)(void *data), void *data)
{
    sio_redis_base *base = sio_redis_base_of(adapter);
    base->protocol->stop(base->part);
    sio_redis_base_stop(base, done, data);
}
