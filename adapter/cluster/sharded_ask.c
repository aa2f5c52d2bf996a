/* What the sharded adapter asks of the other nodes. */
#include "cluster/sharded.h"

#include <sio/err.h>

static int put(sio_sharded *sharded, const sio_shard *shard, const sio_cluster_request *request,
               sio_str id)
{
    const sio_member_message message = {
        .type = sio_member_type_of(request->op),
        .uid = sio_shard_uid(shard),
        .nsp = shard->name,
        .id = id,
        .asked = *request,
    };
    return sio_sharded_publish(sharded, shard->channel, &message);
}

int sio_sharded_tell(sio_sharded *sharded, const sio_cluster_request *request)
{
    const sio_shard *shard = sio_map_get(&sharded->shards, request->nsp);
    if (!shard)
        return SIO_ENOTFOUND;
    return put(sharded, shard, request, (sio_str){ NULL, 0 });
}

/* Those who are asked are told how long the answer is waited for. */
static int count_and_put(sio_sharded *sharded, const sio_shard *shard, sio_inquiry *inquiry,
                         const sio_cluster_request *request)
{
    sio_cluster_request asked = *request;
    asked.flags.has_timeout = true;
    asked.flags.timeout_ms = request->timeout_ms;
    int err = sharded->link.count(sharded->link.data, shard->channel, inquiry);
    inquiry->counting = !err;
    if (!err && request->op != SIO_CLUSTER_SERVER_COUNT)
        err = put(sharded, shard, &asked, sio_inquiry_id(inquiry));
    return err;
}

int sio_sharded_ask(sio_sharded *sharded, const sio_cluster_request *request, sio_asker *asker)
{
    const sio_shard *shard = sio_map_get(&sharded->shards, request->nsp);
    if (!shard)
        return SIO_ENOTFOUND;
    if (!sharded->ready)
        return SIO_ECLOSED;
    sio_inquiry *inquiry = sio_inquiries_add(&sharded->inquiries, shard, request->op, asker);
    if (!inquiry)
        return SIO_ENOMEM;
    int err = count_and_put(sharded, shard, inquiry, request);
    if (err)
        sio_inquiries_remove(&sharded->inquiries, inquiry);
    return err;
}

void sio_sharded_forget(sio_sharded *sharded, const sio_asker *asker)
{
    sio_inquiries_forget(&sharded->inquiries, asker);
}

void sio_sharded_counted(sio_sharded *sharded, sio_inquiry *inquiry, int err, uint64_t subscribers)
{
    sio_inquiries_counted(&sharded->inquiries, inquiry, err, subscribers);
}

/* Those who are told may ask anew, which is refused while there is no link. */
void sio_sharded_fail(sio_sharded *sharded, const sio_shard *shard, int err)
{
    while (!sharded->stopped && sio_inquiries_fail_one(&sharded->inquiries, shard, err))
        continue;
}

/* ---- answers ---- */

static bool fits(sio_cluster_op op, sio_member_type type)
{
    switch (op) {
    case SIO_CLUSTER_FETCH_SOCKETS:
    case SIO_CLUSTER_ALL_ROOMS:
        return type == SIO_MEMBER_FETCHED;
    case SIO_CLUSTER_SERVER_SIDE_EMIT:
        return type == SIO_MEMBER_SERVER_SIDE_ANSWER;
    case SIO_CLUSTER_BROADCAST_ACK:
        return type == SIO_MEMBER_CLIENT_COUNT || type == SIO_MEMBER_ACK;
    default:
        return false;
    }
}

/* There is no message that asks for rooms: those that sockets are in are all there are. Some come
 * more than once. */
static int rooms_of(sio_arena *arena, const sio_value *sockets, sio_value *out)
{
    size_t count = 0, all = sio_value_count(sockets), total = 0;
    for (size_t i = 0; i < all; i++)
        total += sio_value_count(sio_value_get(sio_value_at(sockets, i), "rooms"));
    sio_value *names = sio_arena_alloc(arena, (total ? total : 1) * sizeof *names);
    if (!names)
        return SIO_ENOMEM;
    for (size_t i = 0; i < all; i++) {
        const sio_value *rooms = sio_value_get(sio_value_at(sockets, i), "rooms");
        for (size_t k = 0; sio_value_type(rooms) == SIO_TYPE_ARRAY && k < rooms->count; k++)
            names[count++] = rooms->as.items[k];
    }
    *out = sio_value_of_array(names, count);
    return 0;
}

int sio_sharded_answered(sio_sharded *sharded, const sio_shard *shard,
                         const sio_member_message *message)
{
    const sio_inquiry *inquiry = sio_inquiries_find(&sharded->inquiries, message->id);
    sio_value value = message->value;
    int err = 0;
    if (!inquiry || inquiry->space != shard) {
        sharded->stats.elsewhere++;
        return 0;
    }
    if (!fits(inquiry->op, message->type))
        return SIO_EPARSE;
    if (inquiry->op == SIO_CLUSTER_ALL_ROOMS)
        err = rooms_of(&sharded->arena, &message->value, &value);
    if (err)
        return err;
    sharded->stats.answers++;
    if (message->type == SIO_MEMBER_CLIENT_COUNT)
        inquiry->asker->clients(inquiry->asker, message->clients);
    else
        inquiry->asker->answer(inquiry->asker, &value);
    return 0;
}
