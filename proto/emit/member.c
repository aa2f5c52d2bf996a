/* For the sharded and the streams adapter, which are kinds of ClusterAdapter. */
#include "emit/inside.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/entry.h>

static sio_member_message message_of(const sio_dispatch *self, const sio_cluster_request *asked)
{
    return (sio_member_message){ .type = sio_member_type_of(asked->op),
                                 .uid = self->id.data ? self->uid : SIO_STR(SIO_DISPATCH_UID),
                                 .nsp = asked->nsp,
                                 .id = self->id,
                                 .asked = *asked };
}

/* ---- sharded ---- */

/* The node that a room's members are on may be any, so those who acknowledge are asked by all. */
static sio_str room_of(const sio_dispatch *self, const sio_cluster_request *asked)
{
    bool own = asked->op == SIO_CLUSTER_BROADCAST_ACK && !self->id.data &&
               asked->rooms_count == 1 && !sio_member_is_private(asked->rooms[0]);
    return own ? asked->rooms[0] : (sio_str){ NULL, 0 };
}

int sio_dispatch_sharded(sio_dispatch *self, const sio_cluster_request *asked)
{
    const sio_member_message message = message_of(self, asked);
    sio_cluster_channel(&self->channel, self->key, asked->nsp, room_of(self, asked));
    sio_member_write(&self->payload, &message);
    sio_dispatch_publish(self, SIO_STR("SPUBLISH"));
    return 0;
}

void sio_dispatch_hear_member(sio_dispatch *self, sio_str nsp)
{
    sio_cluster_channel(&self->channel, self->key, nsp, self->uid);
    self->words[0] =
        self->adapter == SIO_EMITTER_SHARDED ? SIO_STR("SSUBSCRIBE") : SIO_STR("SUBSCRIBE");
    self->words[1] = sio_dispatch_channel(self);
    self->count = 2;
}

/* ---- streams ---- */

static sio_value map_of(sio_value *items, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[2 * i] = sio_value_of_string(sio_str_from(keys[i]));
    return sio_value_of_map(items, count);
}

/* The options of an event in the order of the package, which differs from that of a node. */
static int put_event(sio_dispatch *self, sio_value *data, const sio_cluster_request *asked)
{
    static const char *const packet_keys[] = { "type", "data", "nsp" };
    static const char *const opts_keys[] = { "rooms", "flags", "except" };
    sio_value *packet = sio_arena_alloc(&self->arena, 6 * sizeof *packet);
    sio_value *opts = sio_arena_alloc(&self->arena, 6 * sizeof *opts);
    if (!packet || !opts)
        return SIO_ENOMEM;
    const sio_value *given = sio_value_get(data, "opts");
    packet[1] = *sio_value_get(sio_value_get(data, "packet"), "type");
    packet[3] = asked->data;
    packet[5] = sio_value_of_string(asked->nsp);
    for (size_t i = 0; i < 3; i++)
        opts[2 * i + 1] = *sio_value_get(given, opts_keys[i]);
    sio_value *items = sio_arena_alloc(&self->arena, 4 * sizeof *items);
    if (!items)
        return SIO_ENOMEM;
    items[1] = map_of(packet, packet_keys, 3);
    items[3] = map_of(opts, opts_keys, 3);
    *data = map_of(items, (const char *const[]){ "packet", "opts" }, 2);
    return 0;
}

/* XADD stream MAXLEN ~ 10000 * uid … nsp … type … data … */
static void add_entry(sio_dispatch *self, const sio_member_message *message)
{
    char *len = self->numbers[0], *type = self->numbers[1];
    const sio_str stream = self->stream.data ? self->stream : SIO_STR(SIO_DISPATCH_STREAM);
    (void)snprintf(len, sizeof self->numbers[0], "%u",
                   (unsigned)(self->stream_len ? self->stream_len : SIO_DISPATCH_STREAM_LEN));
    (void)snprintf(type, sizeof self->numbers[1], "%d", (int)message->type);
    const sio_str words[] = {
        SIO_STR("XADD"),   stream,
        SIO_STR("MAXLEN"), SIO_STR("~"),
        sio_str_from(len), SIO_STR("*"),
        SIO_STR("uid"),    message->uid,
        SIO_STR("nsp"),    message->nsp,
        SIO_STR("type"),   sio_str_from(type),
        SIO_STR("data"),   (sio_str){ self->payload.data, self->payload.len }
    };
    memcpy(self->words, words, sizeof words);
    self->count = SIO_DISPATCH_WORDS;
}

/* Questions are not kept in the stream, and always MessagePack. */
static void ask(sio_dispatch *self, const sio_member_message *message, const sio_value *data)
{
    static const char *const keys[] = { "type", "data", "uid", "nsp" };
    sio_value items[2 * 4];
    items[1] = sio_value_of_int(message->type);
    items[3] = *data;
    items[5] = sio_value_of_string(message->uid);
    items[7] = sio_value_of_string(message->nsp);
    const sio_value map = map_of(items, keys, 4);
    sio_cluster_channel(&self->channel, self->key, message->nsp, (sio_str){ NULL, 0 });
    sio_msgpack_write(&self->payload, &map);
    sio_dispatch_publish(self, SIO_STR("PUBLISH"));
}

int sio_dispatch_streams(sio_dispatch *self, const sio_cluster_request *asked)
{
    const sio_member_message message = message_of(self, asked);
    sio_value data;
    int err = sio_member_data_of(&data, &self->arena, &message);
    if (!err && self->id.data) {
        ask(self, &message, &data);
        return 0;
    }
    if (!err && message.type == SIO_MEMBER_BROADCAST)
        err = put_event(self, &data, asked);
    if (!err)
        sio_entry_value(&self->payload, &data);
    if (!err)
        add_entry(self, &message);
    return err ? err : self->payload.err;
}
