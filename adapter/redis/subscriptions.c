#include "redis/subscription.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

static sio_str key_of(const void *object)
{
    return sio_redis_subscription_name(object);
}

void sio_subscriptions_init(sio_subscriptions *subscriptions, sio_redis_conn *conn,
                            const sio_subscriptions_events *events, const uint64_t seed[2])
{
    subscriptions->conn = conn;
    subscriptions->events = events;
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++)
        sio_map_init(&subscriptions->names[kind], key_of, seed);
}

void sio_subscriptions_free(sio_subscriptions *subscriptions)
{
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        for (void *one; (one = sio_map_next(&subscriptions->names[kind], &at));)
            sio_mem_free(one);
        sio_map_free(&subscriptions->names[kind]);
    }
}

void sio_subscriptions_forget(sio_subscriptions *subscriptions, sio_redis_subscription *one)
{
    sio_map_remove(&subscriptions->names[one->kind], sio_redis_subscription_name(one));
    sio_mem_free(one);
}

/* ---- wanting ---- */

static void soil(sio_subscriptions *subscriptions, sio_redis_subscription *one)
{
    if (!one->dirty)
        sio_redis_list_push(&subscriptions->dirty, one);
    one->dirty = true;
    if (subscriptions->conn->ready)
        sio_wire_wake(subscriptions->conn->wire);
}

static int create(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name,
                  sio_redis_subscription **out)
{
    sio_redis_subscription *one = sio_mem_zalloc(sizeof *one + name.len);
    if (!one)
        return SIO_ENOMEM;
    one->len = name.len;
    one->kind = (uint8_t)kind;
    memcpy(one->name, name.data, name.len);
    int err = sio_map_insert(&subscriptions->names[kind], one);
    if (err)
        sio_mem_free(one);
    else
        *out = one;
    return err;
}

int sio_subscriptions_add(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    sio_redis_subscription *one = sio_map_get(&subscriptions->names[kind], name);
    int err = 0;
    if (one && one->wanted)
        return SIO_EEXISTS;
    if (!one)
        err = create(subscriptions, kind, name, &one);
    if (err)
        return err;
    one->wanted = true;
    if (subscriptions->open)
        soil(subscriptions, one);
    return 0;
}

void sio_subscriptions_remove(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    sio_redis_subscription *one = sio_map_get(&subscriptions->names[kind], name);
    if (!one)
        return;
    one->wanted = false;
    if (subscriptions->open)
        soil(subscriptions, one);
    else
        sio_subscriptions_forget(subscriptions, one);
}

bool sio_subscriptions_confirmed(const sio_subscriptions *subscriptions, sio_redis_kind kind,
                                 sio_str name)
{
    const sio_redis_subscription *one = sio_map_get(&subscriptions->names[kind], name);
    return one && one->wanted && one->confirmed;
}

/* ---- the connection ---- */

void sio_subscriptions_check(sio_subscriptions *subscriptions)
{
    if (!subscriptions->open || subscriptions->complete || subscriptions->initial ||
        subscriptions->oldest < subscriptions->barrier)
        return;
    subscriptions->complete = true;
    subscriptions->events->complete(subscriptions);
}

void sio_subscriptions_send(sio_subscriptions *subscriptions)
{
    subscriptions->open = true;
    subscriptions->initial = 0;
    subscriptions->barrier = subscriptions->next;
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        subscriptions->initial += subscriptions->names[kind].count;
        for (sio_redis_subscription *one; (one = sio_map_next(&subscriptions->names[kind], &at));)
            soil(subscriptions, one);
    }
    sio_subscriptions_check(subscriptions);
}

void sio_subscriptions_reset(sio_subscriptions *subscriptions)
{
    subscriptions->open = false;
    subscriptions->complete = false;
    for (sio_redis_subscription *one; (one = sio_redis_list_pop(&subscriptions->dirty));) {
        one->dirty = false;
        if (!one->wanted)
            sio_subscriptions_forget(subscriptions, one);
    }
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        for (sio_redis_subscription *one; (one = sio_map_next(&subscriptions->names[kind], &at));) {
            one->sent = false;
            one->confirmed = false;
        }
    }
}

const sio_redis_conn_user sio_subscriptions_user = { sio_subscriptions_flush,
                                                     sio_subscriptions_take,
                                                     sio_subscriptions_hear };
