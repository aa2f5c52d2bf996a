/* What this node has asked of the others and waits for: who asked, under which id. */
#include "cluster/inside.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

struct sio_inquiry {
    sio_asker *asker; /* NULL: forgotten while Redis counts the nodes */
    const sio_space *space;
    sio_cluster_op op;
    bool counting;
    char id[SIO_CLUSTER_UID_SIZE];
};

static sio_str inquiry_id(const void *object)
{
    const sio_inquiry *self = object;
    return (sio_str){ self->id, sizeof self->id };
}

/* The address of the asker as a key. */
static sio_str asker_key(sio_asker *const *asker)
{
    return (sio_str){ (const char *)asker, sizeof *asker };
}

static sio_str inquiry_asker(const void *object)
{
    return asker_key(&((const sio_inquiry *)object)->asker);
}

void sio_inquiries_init(sio_classic *classic, const uint64_t seed[2])
{
    sio_map_init(&classic->inquiries, inquiry_id, seed);
    sio_map_init(&classic->askers, inquiry_asker, seed);
}

/* ---- life ---- */

static int enter(sio_classic *classic, sio_inquiry *self)
{
    do
        sio_space_random(&classic->host, self->id);
    while (sio_map_get(&classic->inquiries, inquiry_id(self)));
    if (sio_map_insert(&classic->inquiries, self))
        return SIO_ENOMEM;
    if (sio_map_insert(&classic->askers, self)) {
        sio_map_remove(&classic->inquiries, inquiry_id(self));
        return SIO_ENOMEM;
    }
    return 0;
}

/* The object stays until Redis has counted. */
static sio_asker *leave(sio_classic *classic, sio_inquiry *self)
{
    sio_asker *asker = self->asker;
    sio_map_remove(&classic->inquiries, inquiry_id(self));
    sio_map_remove(&classic->askers, inquiry_asker(self));
    self->asker = NULL;
    if (!self->counting)
        sio_mem_free(self);
    return asker;
}

static sio_inquiry *inquiry_new(sio_classic *classic, const sio_space *space, sio_cluster_op op,
                                sio_asker *asker)
{
    sio_inquiry *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return NULL;
    self->asker = asker;
    self->space = space;
    self->op = op;
    if (enter(classic, self)) {
        sio_mem_free(self);
        return NULL;
    }
    return self;
}

/* ---- asking ---- */

static int publish(sio_classic *classic, const sio_space *space, const sio_cluster_request *asked,
                   sio_str id)
{
    const sio_classic_request request = {
        .type = sio_classic_type_of(asked->op),
        .uid = sio_space_uid(space),
        .id = id,
        .asked = *asked,
    };
    sio_classic_request_write(&classic->payload, &request);
    int err = sio_classic_publish(classic, space->request, &classic->payload);
    sio_classic_tidy(&classic->payload);
    return err;
}

int sio_classic_tell(sio_classic *classic, const sio_cluster_request *request)
{
    const sio_space *space = sio_map_get(&classic->namespaces, request->nsp);
    if (!space)
        return SIO_ENOTFOUND;
    return publish(classic, space, request, (sio_str){ NULL, 0 });
}

/* The acknowledgements of clients are awaited as long as those who are asked are told. */
static sio_cluster_request with_timeout(const sio_cluster_request *request)
{
    sio_cluster_request asked = *request;
    if (request->op == SIO_CLUSTER_BROADCAST_ACK) {
        asked.flags.present = true;
        asked.flags.has_timeout = true;
        asked.flags.timeout_ms = request->timeout_ms;
    }
    return asked;
}

static int put(sio_classic *classic, sio_inquiry *self, const sio_cluster_request *request)
{
    const sio_cluster_request asked = with_timeout(request);
    int err = classic->link.count(classic->link.data, self->space->request, self);
    self->counting = !err;
    if (!err && self->op != SIO_CLUSTER_SERVER_COUNT)
        err = publish(classic, self->space, &asked, inquiry_id(self));
    return err;
}

int sio_classic_ask(sio_classic *classic, const sio_cluster_request *request, sio_asker *asker)
{
    const sio_space *space = sio_map_get(&classic->namespaces, request->nsp);
    if (!space)
        return SIO_ENOTFOUND;
    if (!classic->ready)
        return SIO_ECLOSED;
    sio_inquiry *self = inquiry_new(classic, space, request->op, asker);
    if (!self)
        return SIO_ENOMEM;
    int err = put(classic, self, request);
    if (err)
        leave(classic, self);
    return err;
}

void sio_classic_forget(sio_classic *classic, const sio_asker *asker)
{
    sio_asker *key = (sio_asker *)(uintptr_t)asker;
    sio_inquiry *self = sio_map_get(&classic->askers, asker_key(&key));
    if (self)
        leave(classic, self);
}

/* ---- what comes ---- */

void sio_classic_counted(sio_classic *classic, sio_inquiry *self, int err, uint64_t subscribers)
{
    sio_asker *asker = self->asker;
    self->counting = false;
    if (!asker) {
        sio_mem_free(self);
    } else if (err) {
        leave(classic, self);
        asker->fail(asker, err);
    } else {
        /* one of them is this node */
        uint64_t others = subscribers > 0 ? subscribers - 1 : 0;
        asker->expect(asker, others < UINT32_MAX ? (unsigned)others : UINT32_MAX);
    }
}

static int read_answer(sio_classic *classic, const sio_space *space, sio_str payload)
{
    sio_value fields;
    sio_str id;
    sio_classic_response response;
    int err = sio_classic_response_find(&fields, &id, &classic->arena, payload);
    if (err)
        return err;
    const sio_inquiry *inquiry = sio_map_get(&classic->inquiries, id);
    if (!inquiry || inquiry->space != space || inquiry->op == SIO_CLUSTER_SERVER_COUNT) {
        classic->stats.elsewhere++;
        return 0;
    }
    err = sio_classic_response_read(&response, &fields, sio_classic_type_of(inquiry->op));
    if (err)
        return err;
    classic->stats.answers++;
    if (response.type == SIO_CLASSIC_CLIENT_COUNT)
        inquiry->asker->clients(inquiry->asker, response.clients);
    else
        inquiry->asker->answer(inquiry->asker, response.value);
    return 0;
}

/* What others have asked needs no reading, where this node has asked nothing. */
void sio_inquiry_answered(sio_classic *classic, const sio_space *space, sio_str payload)
{
    if (classic->inquiries.count == 0) {
        classic->stats.elsewhere++;
        return;
    }
    int err = read_answer(classic, space, payload);
    if (err)
        sio_classic_drop(classic, err, space->response);
}

/* ---- the end ---- */

static sio_inquiry *find(const sio_classic *classic, const sio_space *space)
{
    size_t at = 0;
    for (sio_inquiry *one; (one = sio_map_next(&classic->inquiries, &at));)
        if (!space || one->space == space)
            return one;
    return NULL;
}

/* Those who are told may ask anew, which is refused while there is no link. */
void sio_inquiries_fail(sio_classic *classic, const sio_space *space, int err)
{
    for (sio_inquiry *one; !classic->stopped && (one = find(classic, space));) {
        sio_asker *asker = leave(classic, one);
        asker->fail(asker, err);
    }
}

void sio_inquiries_drop(sio_classic *classic)
{
    for (sio_inquiry *one; (one = find(classic, NULL));)
        leave(classic, one);
}

void sio_inquiries_free(sio_classic *classic)
{
    sio_map_free(&classic->inquiries);
    sio_map_free(&classic->askers);
}
