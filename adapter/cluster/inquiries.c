#include "cluster/inquiries.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

static sio_str id_of(const void *object)
{
    return sio_inquiry_id(object);
}

/* The address of the asker as a key. */
static sio_str asker_key(sio_asker *const *asker)
{
    return (sio_str){ (const char *)asker, sizeof *asker };
}

static sio_str asker_of(const void *object)
{
    return asker_key(&((const sio_inquiry *)object)->asker);
}

void sio_inquiries_init(sio_inquiries *inquiries, const sio_adapter_host *host,
                        sio_inquiry_name name, const uint64_t seed[2])
{
    inquiries->host = host;
    inquiries->name = name;
    sio_map_init(&inquiries->by_id, id_of, seed);
    sio_map_init(&inquiries->by_asker, asker_of, seed);
}

void sio_inquiries_free(sio_inquiries *inquiries)
{
    sio_map_free(&inquiries->by_id);
    sio_map_free(&inquiries->by_asker);
}

static int enter(sio_inquiries *inquiries, sio_inquiry *self)
{
    do
        self->id_len = (uint8_t)inquiries->name(inquiries->host, self->id);
    while (sio_inquiries_find(inquiries, sio_inquiry_id(self)));
    if (sio_map_insert(&inquiries->by_id, self))
        return SIO_ENOMEM;
    if (sio_map_insert(&inquiries->by_asker, self)) {
        sio_map_remove(&inquiries->by_id, sio_inquiry_id(self));
        return SIO_ENOMEM;
    }
    return 0;
}

sio_inquiry *sio_inquiries_add(sio_inquiries *inquiries, const void *space, sio_cluster_op op,
                               sio_asker *asker)
{
    sio_inquiry *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return NULL;
    self->asker = asker;
    self->space = space;
    self->op = op;
    if (enter(inquiries, self)) {
        sio_mem_free(self);
        return NULL;
    }
    return self;
}

sio_inquiry *sio_inquiries_find(const sio_inquiries *inquiries, sio_str id)
{
    return sio_map_get(&inquiries->by_id, id);
}

sio_asker *sio_inquiries_remove(sio_inquiries *inquiries, sio_inquiry *self)
{
    sio_asker *asker = self->asker;
    sio_map_remove(&inquiries->by_id, sio_inquiry_id(self));
    sio_map_remove(&inquiries->by_asker, asker_of(self));
    self->asker = NULL;
    if (!self->counting)
        sio_mem_free(self);
    return asker;
}

void sio_inquiries_forget(sio_inquiries *inquiries, const sio_asker *asker)
{
    sio_asker *key = (sio_asker *)(uintptr_t)asker;
    sio_inquiry *self = sio_map_get(&inquiries->by_asker, asker_key(&key));
    if (self)
        sio_inquiries_remove(inquiries, self);
}

void sio_inquiries_counted(sio_inquiries *inquiries, sio_inquiry *self, int err, uint64_t nodes)
{
    sio_asker *asker = self->asker;
    self->counting = false;
    if (!asker) {
        sio_mem_free(self);
    } else if (err) {
        sio_inquiries_remove(inquiries, self);
        asker->fail(asker, err);
    } else {
        uint64_t others = nodes > 0 ? nodes - 1 : 0;
        asker->expect(asker, others < UINT32_MAX ? (unsigned)others : UINT32_MAX);
    }
}

static sio_inquiry *any(const sio_inquiries *inquiries, const void *space)
{
    size_t at = 0;
    for (sio_inquiry *one; (one = sio_map_next(&inquiries->by_id, &at));)
        if (!space || one->space == space)
            return one;
    return NULL;
}

bool sio_inquiries_fail_one(sio_inquiries *inquiries, const void *space, int err)
{
    sio_inquiry *one = any(inquiries, space);
    if (!one)
        return false;
    sio_asker *asker = sio_inquiries_remove(inquiries, one);
    asker->fail(asker, err);
    return true;
}

void sio_inquiries_drop(sio_inquiries *inquiries)
{
    for (sio_inquiry *one; (one = any(inquiries, NULL));)
        sio_inquiries_remove(inquiries, one);
}
