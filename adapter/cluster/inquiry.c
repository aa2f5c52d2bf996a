/* What the classic adapter asks of the other nodes. */
#include "cluster/inside.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

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
    sio_scratch_tidy(&classic->payload);
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

static int put(sio_classic *classic, const sio_space *space, sio_inquiry *self,
               const sio_cluster_request *request)
{
    const sio_cluster_request asked = with_timeout(request);
    int err = classic->link.count(classic->link.data, space->request, self);
    self->counting = !err;
    if (!err && self->op != SIO_CLUSTER_SERVER_COUNT)
        err = publish(classic, space, &asked, sio_inquiry_id(self));
    return err;
}

int sio_classic_ask(sio_classic *classic, const sio_cluster_request *request, sio_asker *asker)
{
    const sio_space *space = sio_map_get(&classic->namespaces, request->nsp);
    if (!space)
        return SIO_ENOTFOUND;
    if (!classic->ready)
        return SIO_ECLOSED;
    sio_inquiry *self = sio_inquiries_add(&classic->inquiries, space, request->op, asker);
    if (!self)
        return SIO_ENOMEM;
    int err = put(classic, space, self, request);
    if (err)
        sio_inquiries_remove(&classic->inquiries, self);
    return err;
}

void sio_classic_forget(sio_classic *classic, const sio_asker *asker)
{
    sio_inquiries_forget(&classic->inquiries, asker);
}

/* ---- what comes ---- */

void sio_classic_counted(sio_classic *classic, sio_inquiry *inquiry, int err, uint64_t subscribers)
{
    sio_inquiries_counted(&classic->inquiries, inquiry, err, subscribers);
}

static int read_answer(sio_classic *classic, const sio_space *space, sio_str payload)
{
    sio_value fields;
    sio_str id;
    sio_classic_response response;
    int err = sio_classic_response_find(&fields, &id, &classic->arena, payload);
    if (err)
        return err;
    const sio_inquiry *inquiry = sio_inquiries_find(&classic->inquiries, id);
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
void sio_classic_answered(sio_classic *classic, const sio_space *space, sio_str channel,
                          sio_str payload)
{
    if (classic->inquiries.by_id.count == 0) {
        classic->stats.elsewhere++;
        return;
    }
    int err = read_answer(classic, space, payload);
    if (err)
        sio_classic_drop(classic, err, channel);
}

/* Those who are told may ask anew, which is refused while there is no link. */
void sio_classic_fail(sio_classic *classic, const sio_space *space, int err)
{
    while (!classic->stopped && sio_inquiries_fail_one(&classic->inquiries, space, err))
        continue;
}
