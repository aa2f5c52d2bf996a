#include "cluster/streams.h"

#include <inttypes.h>
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "cluster/scratch.h"

int sio_streams_init(sio_streams *streams, const sio_adapter_host *host,
                     const sio_sharded_link *channels, const sio_streams_link *link,
                     const sio_redis_options *options)
{
    *streams = (sio_streams){ .link = *link };
    sio_redis_options common = *options;
    streams->recovers = options->recovery_ms > 0;
    common.mode = SIO_SHARDED_STATIC;
    return sio_sharded_init(&streams->members, host, channels, &common);
}

void sio_streams_stop(sio_streams *streams)
{
    sio_sharded_stop(&streams->members);
}

void sio_streams_free(sio_streams *streams)
{
    sio_sharded_free(&streams->members);
    sio_buf_free(&streams->data);
    sio_owed_free(&streams->owed);
}

/* ---- what is owed ---- */

/* What this node has written it can read, unless memory is out. */
static void deliver_item(sio_streams *streams, sio_owed_item *item, sio_str offset)
{
    sio_arena arena = { 0 };
    sio_member_message message;
    const sio_entry entry = { .nsp = item->nsp, .type = SIO_STR("3"), .data = item->data };
    const int err = sio_entry_read(&message, &arena, &entry);
    if (!err)
        sio_sharded_deliver(&streams->members, &message, offset);
    else
        sio_warn_dropped(&streams->members.warnings, streams->members.now, err, SIO_STR("(own)"));
    sio_arena_free(&arena);
    sio_mem_free(item);
}

static void go_ahead(sio_streams *streams, uint64_t mark)
{
    if (mark > streams->ahead)
        streams->ahead = mark;
}

/* Up to that mark, the last with the offset. Handlers may ask for more of it meanwhile. */
static void settle(sio_streams *streams, uint64_t mark, sio_str offset)
{
    if (streams->settling)
        return;
    streams->settling = true;
    while (streams->owed.head && streams->owed.head->mark <= mark && !streams->members.stopped) {
        sio_owed_item *item = sio_owed_take(&streams->owed);
        if (item->mark != mark)
            go_ahead(streams, item->mark);
        deliver_item(streams, item, item->mark == mark ? offset : (sio_str){ NULL, 0 });
    }
    streams->settling = false;
}

void sio_streams_settle(sio_streams *streams)
{
    settle(streams, UINT64_MAX, (sio_str){ NULL, 0 });
}

uint64_t sio_streams_due(const sio_streams *streams)
{
    const sio_owed_item *first = streams->owed.head;
    if (!first)
        return UINT64_MAX;
    return first->mark == streams->late ? streams->last : first->since + SIO_LIMIT_OWED_MS;
}

void sio_streams_tick(sio_streams *streams, uint64_t now)
{
    if (sio_streams_due(streams) > now)
        return;
    if (streams->owed.head->mark != streams->late) {
        streams->late = streams->owed.head->mark;
        streams->last = now + SIO_LIMIT_OWED_LAST_MS;
        return;
    }
    streams->hurried = true;
    streams->hurry = streams->marks;
    sio_warn(&streams->members.warnings, SIO_WARNING_SLOW, now,
             "Redis does not answer in time: events go to clients without an offset");
    sio_streams_settle(streams);
}

/* ---- out ---- */

static int add(sio_streams *streams, const sio_entry *entry)
{
    sio_owed_item *item = streams->owing ? sio_owed_new(entry->nsp, entry->data) : NULL;
    const int err =
        streams->owing && !item ? SIO_ENOMEM : streams->link.add(streams->link.data, entry);
    if (!err && !item && entry->mark.len > 0)
        go_ahead(streams, streams->marks);
    if (err || !item) {
        sio_mem_free(item);
        return err;
    }
    item->mark = streams->marks;
    item->since = streams->members.now;
    sio_owed_add(&streams->owed, item);
    return 0;
}

int sio_streams_append(sio_streams *streams, const sio_member_message *message)
{
    char type[4], mark[24];
    sio_buf *data = &streams->data;
    const int type_len = snprintf(type, sizeof type, "%u", (unsigned)message->type & 0xff);
    sio_entry entry = { .uid = message->uid,
                        .nsp = message->nsp,
                        .type = { type, (size_t)type_len } };
    if (streams->recovers && message->type == SIO_MEMBER_BROADCAST)
        entry.mark =
            (sio_str){ mark, (size_t)snprintf(mark, sizeof mark, "%" PRIu64, ++streams->marks) };
    sio_entry_data(data, message);
    entry.data = sio_buf_str(data);
    int err = data->err;
    if (!err && data->len > SIO_LIMIT_PUBLISH)
        err = SIO_ELIMIT;
    if (err)
        streams->members.stats.published_lost++;
    else
        err = add(streams, &entry);
    sio_scratch_tidy(data);
    return err;
}

/* What cannot be owed is delivered by the server at once, behind what is. */
int sio_streams_broadcast(sio_streams *streams, const sio_cluster_message *message, uint64_t now)
{
    streams->members.now = now;
    if (streams->owed.bytes > SIO_LIMIT_OWED)
        sio_streams_settle(streams);
    streams->owing = streams->recovers && streams->members.ready && !streams->hurried;
    const bool owing = streams->owing;
    const int err = sio_sharded_broadcast(&streams->members, message);
    streams->owing = false;
    if (err)
        sio_streams_settle(streams);
    return err ? err : owing ? SIO_ADAPTER_DELIVERS : 0;
}

void sio_streams_ready(sio_streams *streams, bool ready, uint64_t now)
{
    sio_sharded_ready(&streams->members, ready, now);
    if (ready)
        streams->hurried = false;
    else
        sio_streams_settle(streams);
}

/* ---- in ---- */

/* One of this node's own has come back; those before it that have not were refused by Redis. */
static void recognize(sio_streams *streams, sio_str text)
{
    uint64_t mark;
    streams->members.stats.own++;
    if (!streams->recovers || sio_entry_mark_read(&mark, text))
        return;
    if (mark > streams->seen)
        streams->seen = mark;
    if (mark > streams->hurry)
        streams->hurried = false;
    settle(streams, mark, streams->members.offset);
}

bool sio_streams_gave_out(const sio_streams *streams, const sio_entry *entry)
{
    uint64_t mark;
    const sio_shard *shard =
        entry->nsp.data ? sio_map_get(&streams->members.shards, entry->nsp) : NULL;
    return shard && sio_str_equal(entry->uid, sio_shard_uid(shard)) &&
           sio_entry_mark_read(&mark, entry->mark) == 0 && mark <= streams->ahead;
}

/* What is of no namespace that is open here, or of this node, is not decoded. */
static int take(sio_streams *streams, const sio_entry *entry)
{
    sio_sharded *members = &streams->members;
    const sio_shard *shard = entry->nsp.data ? sio_map_get(&members->shards, entry->nsp) : NULL;
    sio_member_message message;
    if (entry->nsp.data && !shard) {
        members->stats.elsewhere++;
        return 0;
    }
    if (shard && sio_str_equal(entry->uid, sio_shard_uid(shard))) {
        recognize(streams, entry->mark);
        return 0;
    }
    int err = sio_entry_read(&message, &members->arena, entry);
    return err ? err : sio_sharded_take(members, &message);
}

void sio_streams_receive(sio_streams *streams, const sio_entry *entry, uint64_t now)
{
    sio_sharded *members = &streams->members;
    char id[SIO_ENTRY_ID_SIZE];
    members->now = now;
    members->stats.received++;
    members->offset = (sio_str){ id, sio_entry_id_write(id, entry->id) };
    int err = take(streams, entry);
    members->offset = (sio_str){ NULL, 0 };
    sio_arena_reset(&members->arena);
    if (err) {
        members->stats.malformed++;
        sio_warn_dropped(&members->warnings, now, err, SIO_STR("(stream)"));
    }
}
