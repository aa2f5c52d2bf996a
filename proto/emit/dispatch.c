#include "emit/inside.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/classic.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

static const sio_emitter_target everyone;

SIO_PRINTF(3, 4)
static int fail(sio_dispatch *self, int err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(self->why, sizeof self->why, format, arguments);
    va_end(arguments);
    return err;
}

static void begin(sio_dispatch *self)
{
    self->count = 0;
    self->why[0] = '\0';
    sio_arena_reset(&self->arena);
    sio_buf_clear(&self->channel);
    sio_buf_clear(&self->payload);
}

/* ---- whom it is about ---- */

static bool contains(const sio_str *names, size_t count, sio_str name)
{
    for (size_t i = 0; i < count; i++)
        if (sio_str_equal(names[i], name))
            return true;
    return false;
}

/* Names as the message has them, each once: two equal rooms are one, and have its channel. */
static int collect(sio_dispatch *self, const char *const *from, const sio_str **out, size_t *count)
{
    size_t total = 0;
    *count = 0;
    while (from && from[total])
        total++;
    if (total == 0)
        return 0;
    sio_str *names = sio_arena_alloc(&self->arena, total * sizeof *names);
    if (!names)
        return SIO_ENOMEM;
    for (size_t i = 0; i < total; i++) {
        sio_str name = sio_str_from(from[i]);
        if (!sio_utf8_valid(name.data, name.len))
            return fail(self, SIO_EUTF8, "the name of a room is not valid UTF-8");
        if (!contains(names, *count, name))
            names[(*count)++] = name;
    }
    *out = names;
    return 0;
}

static int name_namespace(sio_dispatch *self, const char *nsp, sio_str *out)
{
    sio_str name = sio_str_from(nsp ? nsp : "/");
    if (!sio_utf8_valid(name.data, name.len))
        return fail(self, SIO_EUTF8, "the namespace is not valid UTF-8");
    if (name.len == 0 || name.data[0] != '/') {
        char *slashed = sio_arena_alloc(&self->arena, name.len + 1);
        if (!slashed)
            return SIO_ENOMEM;
        slashed[0] = '/';
        memcpy(slashed + 1, name.data, name.len);
        name = (sio_str){ slashed, name.len + 1 };
    }
    *out = name;
    return 0;
}

static int aim(sio_dispatch *self, const sio_emitter_target *target, sio_cluster_request *asked)
{
    const sio_emitter_target *to = target ? target : &everyone;
    int err = name_namespace(self, to->nsp, &asked->nsp);
    if (!err)
        err = collect(self, to->rooms, &asked->rooms, &asked->rooms_count);
    if (!err)
        err = collect(self, to->except, &asked->except, &asked->except_count);
    return err;
}

/* ---- events ---- */

/* As the constructor of a namespace has them: they would be taken for its own. */
static bool is_reserved_by_servers(sio_str name)
{
    return sio_str_equal(name, SIO_STR("connect")) || sio_str_equal(name, SIO_STR("connection")) ||
           sio_str_equal(name, SIO_STR("new_namespace"));
}

static int check_event(sio_dispatch *self, const char *event, bool for_servers)
{
    sio_str name = sio_str_from(event);
    if (!sio_utf8_valid(name.data, name.len))
        return fail(self, SIO_EUTF8, "the name of the event is not valid UTF-8");
    if (for_servers ? is_reserved_by_servers(name) : sio_packet_reserved(name))
        return fail(self, SIO_ERESERVED,
                    "\"%.60s\" is an event of Socket.IO itself: choose another name", event);
    return 0;
}

static int pack(sio_dispatch *self, sio_cluster_request *asked, const char *event,
                const char *format, va_list arguments)
{
    return sio_value_pack(&self->arena, &asked->data, event, format ? format : "", arguments);
}

static int check_attachments(sio_dispatch *self, const sio_value *data)
{
    size_t count = data->binary ? sio_value_attachments(data) : 0;
    if (count <= SIO_LIMIT_ATTACHMENTS)
        return 0;
    return fail(self, SIO_ELIMIT, "the arguments hold %zu binary values, clients take %d", count,
                SIO_LIMIT_ATTACHMENTS);
}

/* ---- the command ---- */

static int finish(sio_dispatch *self, int err)
{
    if (!err)
        err = self->channel.err ? self->channel.err : self->payload.err;
    if (!err && self->payload.len > SIO_LIMIT_PUBLISH)
        return fail(self, SIO_ELIMIT, "the message has %zu bytes, %u are allowed",
                    self->payload.len, SIO_LIMIT_PUBLISH);
    return err;
}

static int say(sio_dispatch *self, const sio_cluster_request *asked)
{
    switch (self->adapter) {
    case SIO_EMITTER_CLASSIC:
        return sio_dispatch_classic(self, asked);
    case SIO_EMITTER_SHARDED:
        return sio_dispatch_sharded(self, asked);
    case SIO_EMITTER_STREAMS:
        return sio_dispatch_streams(self, asked);
    }
    return SIO_EINVAL;
}

int sio_dispatch_event(sio_dispatch *self, const sio_emitter_target *target, const char *event,
                       const char *format, va_list arguments)
{
    sio_cluster_request asked = { .op = SIO_CLUSTER_BROADCAST_ACK, .flags.present = true };
    begin(self);
    int err = check_event(self, event, false);
    if (!err)
        err = aim(self, target, &asked);
    if (!err)
        err = pack(self, &asked, event, format, arguments);
    if (!err)
        err = check_attachments(self, &asked.data);
    if (target) {
        asked.flags.is_volatile = target->flags & SIO_EMITTER_VOLATILE;
        asked.flags.no_compress = target->flags & SIO_EMITTER_UNCOMPRESSED;
    }
    if (self->id.data) {
        asked.flags.has_timeout = true;
        asked.flags.timeout_ms = self->timeout_ms;
    }
    return finish(self, err ? err : say(self, &asked));
}

int sio_dispatch_order(sio_dispatch *self, const sio_emitter_target *target, sio_cluster_op op,
                       const char *const *rooms, bool close)
{
    sio_cluster_request asked = { .op = op, .close = close };
    begin(self);
    int err = aim(self, target, &asked);
    if (!err)
        err = collect(self, rooms, &asked.targets, &asked.targets_count);
    return finish(self, err ? err : say(self, &asked));
}

int sio_dispatch_server_side(sio_dispatch *self, const sio_emitter_target *target,
                             const char *event, const char *format, va_list arguments)
{
    sio_cluster_request asked = { .op = SIO_CLUSTER_SERVER_SIDE_EMIT };
    begin(self);
    int err = check_event(self, event, true);
    if (!err)
        err = name_namespace(self, target ? target->nsp : NULL, &asked.nsp);
    if (!err)
        err = pack(self, &asked, event, format, arguments);
    return finish(self, err ? err : say(self, &asked));
}

int sio_dispatch_hear(sio_dispatch *self, const sio_emitter_target *target)
{
    sio_str nsp = { 0 };
    begin(self);
    int err = name_namespace(self, target ? target->nsp : NULL, &nsp);
    if (err)
        return err;
    if (self->adapter == SIO_EMITTER_CLASSIC)
        sio_dispatch_hear_classic(self, nsp);
    else
        sio_dispatch_hear_member(self, nsp);
    return finish(self, 0);
}

int sio_dispatch_count(sio_dispatch *self, const sio_emitter_target *target)
{
    sio_str nsp = { 0 };
    begin(self);
    int err = name_namespace(self, target ? target->nsp : NULL, &nsp);
    if (err)
        return err;
    if (self->adapter == SIO_EMITTER_CLASSIC)
        sio_classic_request_channel(&self->channel, self->key, nsp);
    else
        sio_cluster_channel(&self->channel, self->key, nsp, (sio_str){ NULL, 0 });
    const bool sharded = self->adapter == SIO_EMITTER_SHARDED;
    self->words[0] = SIO_STR("PUBSUB");
    self->words[1] = sharded ? SIO_STR("SHARDNUMSUB") : SIO_STR("NUMSUB");
    self->words[2] = sio_dispatch_channel(self);
    self->count = 3;
    return finish(self, 0);
}

void sio_dispatch_publish(sio_dispatch *self, sio_str verb)
{
    self->words[0] = verb;
    self->words[1] = sio_dispatch_channel(self);
    self->words[2] = (sio_str){ self->payload.data, self->payload.len };
    self->count = 3;
}

sio_str sio_dispatch_channel(const sio_dispatch *self)
{
    return (sio_str){ self->channel.data, self->channel.len };
}

void sio_dispatch_free(sio_dispatch *self)
{
    sio_arena_free(&self->arena);
    sio_buf_free(&self->channel);
    sio_buf_free(&self->payload);
}
