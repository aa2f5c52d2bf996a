#include "cluster/streams.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "cluster/scratch.h"

int sio_streams_init(sio_streams *streams, const sio_adapter_host *host,
                     const sio_sharded_link *channels, const sio_streams_link *link,
                     const sio_redis_options *options)
{
    *streams = (sio_streams){ .link = *link };
    sio_redis_options common = *options;
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
}

/* ---- out ---- */

int sio_streams_append(sio_streams *streams, const sio_member_message *message)
{
    char type[4];
    sio_buf *data = &streams->data;
    const int len = snprintf(type, sizeof type, "%u", (unsigned)message->type & 0xff);
    sio_entry_data(data, message);
    int err = data->err;
    if (!err && data->len > SIO_LIMIT_PUBLISH)
        err = SIO_ELIMIT;
    const sio_entry entry = { .uid = message->uid,
                              .nsp = message->nsp,
                              .type = { type, (size_t)len },
                              .data = sio_buf_str(data) };
    if (err)
        streams->members.stats.published_lost++;
    else
        err = streams->link.add(streams->link.data, &entry);
    sio_scratch_tidy(data);
    return err;
}

/* ---- in ---- */

/* Most are of namespaces that are open here: the others are not decoded. */
static int take(sio_streams *streams, const sio_entry *entry)
{
    sio_sharded *members = &streams->members;
    sio_member_message message;
    if (entry->nsp.data && !sio_map_get(&members->shards, entry->nsp)) {
        members->stats.elsewhere++;
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
