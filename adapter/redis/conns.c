#include "redis/conns.h"

void sio_redis_conns_init(sio_redis_conns *conns, const sio_redis_conn *model)
{
    conns->publisher = conns->subscriber = conns->reader = *model;
}

void sio_redis_conns_login(sio_redis_conns *conns, const char *password)
{
    conns->publisher.password = password;
    conns->subscriber.password = password;
    conns->reader.password = password;
}

void sio_redis_conns_ping(sio_redis_conns *conns)
{
    sio_redis_conn_ping(&conns->publisher);
    if (conns->hears)
        sio_redis_conn_ping(&conns->subscriber);
    if (conns->reads)
        sio_redis_conn_ping(&conns->reader);
}

void sio_redis_conns_close(sio_redis_conns *conns)
{
    sio_redis_conn_close(&conns->publisher);
    sio_redis_conn_close(&conns->subscriber);
    sio_redis_conn_close(&conns->reader);
}

bool sio_redis_conns_are_ready(const sio_redis_conns *conns)
{
    return conns->publisher.ready && (!conns->hears || conns->subscriber.ready) &&
           (!conns->reads || conns->reader.ready);
}

bool sio_redis_conns_are_alive(const sio_redis_conns *conns)
{
    return conns->publisher.alive && (!conns->hears || conns->subscriber.alive) &&
           (!conns->reads || conns->reader.alive);
}

bool sio_redis_conns_are_gone(const sio_redis_conns *conns)
{
    return !conns->publisher.handles && !conns->subscriber.handles && !conns->reader.handles;
}

void sio_redis_conns_free(sio_redis_conns *conns)
{
    sio_redis_conn_free(&conns->publisher);
    sio_redis_conn_free(&conns->subscriber);
    sio_redis_conn_free(&conns->reader);
}
