#include "core/visitors.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

static sio_str key_of(const void *object)
{
    const sio_visitor *visitor = object;
    return (sio_str){ (const char *)visitor->key.bytes, sizeof(visitor->key.bytes) };
}

static sio_address prefix_of(const sio_address *address)
{
    sio_address key = *address;
    if (!sio_address_is4(address))
        memset(key.bytes + 8, 0, 8);
    return key;
}

void sio_visitors_init(sio_visitors *visitors, uint32_t most, const sio_rate *rate,
                       const uint64_t seed[2])
{
    *visitors = (sio_visitors){ .most = most, .rate = *rate };
    sio_map_init(&visitors->known, key_of, seed);
    sio_list_init(&visitors->idle);
}

void sio_visitors_free(sio_visitors *visitors)
{
    size_t at = 0;
    sio_visitor *visitor;
    while ((visitor = sio_map_next(&visitors->known, &at)))
        sio_mem_free(visitor);
    sio_map_free(&visitors->known);
}

/* ---- those that are remembered ---- */

static void forget(sio_visitors *visitors, sio_visitor *visitor)
{
    (void)sio_map_remove(&visitors->known, key_of(visitor));
    sio_mem_free(visitor);
}

static void forget_first(sio_visitors *visitors)
{
    sio_list *node = sio_list_pop(&visitors->idle);
    visitors->idle_count--;
    forget(visitors, SIO_CONTAINER(node, sio_visitor, idle));
}

/* Whoever has a full bucket again is as one that was never here. */
static void tidy(sio_visitors *visitors, uint64_t now)
{
    while (visitors->idle_count > 0) {
        sio_visitor *first = SIO_CONTAINER(visitors->idle.next, sio_visitor, idle);
        sio_bucket_refill(&first->bucket, &visitors->rate, now);
        if (first->bucket.debt > 0 && visitors->idle_count <= SIO_LIMIT_ADDRESSES)
            return;
        forget_first(visitors);
    }
}

static sio_visitor *find(sio_visitors *visitors, const sio_address *address)
{
    const sio_address key = prefix_of(address);
    const sio_str name = { (const char *)key.bytes, sizeof(key.bytes) };
    sio_visitor *visitor = sio_map_get(&visitors->known, name);
    if (visitor || !(visitor = sio_mem_zalloc(sizeof(*visitor))))
        return visitor;
    visitor->key = key;
    if (sio_map_insert(&visitors->known, visitor)) {
        sio_mem_free(visitor);
        return NULL;
    }
    return visitor;
}

/* ---- coming and going ---- */

static void rest(sio_visitors *visitors, sio_visitor *visitor, uint64_t now)
{
    if (visitor->count > 0)
        return;
    sio_bucket_refill(&visitor->bucket, &visitors->rate, now);
    if (visitor->bucket.debt == 0) {
        forget(visitors, visitor);
        return;
    }
    sio_list_push(&visitors->idle, &visitor->idle);
    visitors->idle_count++;
}

static void wake(sio_visitors *visitors, sio_visitor *visitor)
{
    if (!sio_list_linked(&visitor->idle))
        return;
    sio_list_remove(&visitor->idle);
    visitors->idle_count--;
}

sio_verdict sio_visitors_charge(sio_visitors *visitors, sio_visitor *visitor, uint64_t now)
{
    const sio_rate *rate = &visitors->rate;
    if (rate->per_second > 0 && !sio_bucket_take(&visitor->bucket, rate, now, 1))
        return SIO_VERDICT_TOO_FAST;
    return SIO_VERDICT_ADMIT;
}

static sio_verdict judge(sio_visitors *visitors, sio_visitor *visitor, uint64_t now)
{
    if (visitors->most > 0 && visitor->count >= visitors->most)
        return SIO_VERDICT_TOO_MANY;
    return sio_visitors_charge(visitors, visitor, now);
}

sio_verdict sio_visitors_enter(sio_visitors *visitors, const sio_address *address, bool fresh,
                               uint64_t now, sio_visitor **out)
{
    tidy(visitors, now);
    sio_visitor *visitor = find(visitors, address);
    if (!visitor)
        return SIO_VERDICT_NO_MEMORY;
    wake(visitors, visitor);
    const sio_verdict verdict = fresh ? judge(visitors, visitor, now) : SIO_VERDICT_ADMIT;
    if (verdict != SIO_VERDICT_ADMIT) {
        rest(visitors, visitor, now);
        return verdict;
    }
    visitor->count++;
    *out = visitor;
    return verdict;
}

void sio_visitors_leave(sio_visitors *visitors, sio_visitor *visitor, uint64_t now)
{
    visitor->count--;
    rest(visitors, visitor, now);
    tidy(visitors, now);
}
