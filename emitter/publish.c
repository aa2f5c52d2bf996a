#include <sio/sys/cluster.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

#include "emitter.h"

static int fail(sio_emitter *emitter, int err)
{
    return sio_emitter_fail(emitter, err, "%s", sio_err_message(err));
}

static bool contains(const sio_str *names, size_t count, sio_str name)
{
    for (size_t i = 0; i < count; i++)
        if (sio_str_equal(names[i], name))
            return true;
    return false;
}

/* Names as the message has them, each once: two equal rooms are one, and have its channel. */
static int collect(sio_emitter *emitter, sio_arena *arena, const char *const *from,
                   const sio_str **out, size_t *count)
{
    size_t total = 0;

    while (from && from[total])
        total++;
    sio_str *names = sio_arena_alloc(arena, (total + 1) * sizeof *names);
    if (!names)
        return fail(emitter, SIO_ENOMEM);
    *count = 0;
    for (size_t i = 0; i < total; i++) {
        sio_str name = sio_str_from(from[i]);

        if (!sio_utf8_valid(name.data, name.len))
            return sio_emitter_fail(emitter, SIO_EUTF8, "the name of a room is not valid UTF-8");
        if (!contains(names, *count, name))
            names[(*count)++] = name;
    }
    *out = names;
    return 0;
}

static int name_namespace(sio_emitter *emitter, sio_arena *arena, const char *nsp, sio_str *out)
{
    sio_str name = sio_str_from(nsp ? nsp : "/");

    if (!sio_utf8_valid(name.data, name.len))
        return sio_emitter_fail(emitter, SIO_EUTF8, "the namespace is not valid UTF-8");
    if (name.len == 0 || name.data[0] != '/') {
        char *slashed = sio_arena_alloc(arena, name.len + 1);

        if (!slashed)
            return fail(emitter, SIO_ENOMEM);
        slashed[0] = '/';
        memcpy(slashed + 1, name.data, name.len);
        name = (sio_str){ slashed, name.len + 1 };
    }
    *out = name;
    return 0;
}

static int aim(sio_emitter *emitter, sio_arena *arena, const sio_emitter_target *target,
               sio_cluster_message *message)
{
    int err = name_namespace(emitter, arena, target->nsp, &message->nsp);

    if (!err)
        err = collect(emitter, arena, target->rooms, &message->rooms, &message->rooms_count);
    if (!err)
        err = collect(emitter, arena, target->except, &message->except, &message->except_count);
    message->flags.present = true;
    message->flags.is_volatile = target->flags & SIO_EMITTER_VOLATILE;
    message->flags.no_compress = target->flags & SIO_EMITTER_UNCOMPRESSED;
    return err;
}

static int check_event(sio_emitter *emitter, const char *event)
{
    sio_str name = sio_str_from(event);

    if (!sio_utf8_valid(name.data, name.len))
        return sio_emitter_fail(emitter, SIO_EUTF8, "the name of the event is not valid UTF-8");
    if (sio_packet_reserved(name))
        return sio_emitter_fail(emitter, SIO_ERESERVED,
                                "\"%s\" is an event of Socket.IO itself: choose another name",
                                event);
    return 0;
}

static int send_message(sio_emitter *emitter, const sio_cluster_message *message)
{
    sio_str room = message->rooms_count == 1 ? message->rooms[0] : (sio_str){ 0 };
    sio_buf channel = { 0 }, bytes = { 0 };
    int result;

    sio_cluster_channel(&channel, sio_str_from(emitter->key), message->nsp, room);
    sio_cluster_message_write(&bytes, message, SIO_CLUSTER_EMITTER);
    if (channel.err || bytes.err)
        result = fail(emitter, channel.err ? channel.err : bytes.err);
    else if (bytes.len > SIO_LIMIT_PUBLISH)
        result = sio_emitter_fail(emitter, SIO_ELIMIT, "the message has %zu bytes, %u are allowed",
                                  bytes.len, SIO_LIMIT_PUBLISH);
    else
        result = sio_emitter_publish(emitter, (sio_str){ channel.data, channel.len },
                                     (sio_str){ bytes.data, bytes.len });
    sio_buf_free(&channel);
    sio_buf_free(&bytes);
    return result;
}

static int emit(sio_emitter *emitter, sio_arena *arena, const sio_emitter_target *target,
                const char *event, const char *format, va_list arguments)
{
    sio_cluster_message message = { .uid = SIO_STR(SIO_CLUSTER_EMITTER_UID) };
    int err = check_event(emitter, event);

    if (!err)
        err = aim(emitter, arena, target, &message);
    if (err)
        return err;
    err = sio_value_pack(arena, &message.data, event, format ? format : "", arguments);
    if (err)
        return fail(emitter, err);
    size_t attachments = sio_value_attachments(&message.data);
    if (attachments > SIO_LIMIT_ATTACHMENTS)
        return sio_emitter_fail(emitter, SIO_ELIMIT,
                                "the arguments hold %zu binary values, clients take %d",
                                attachments, SIO_LIMIT_ATTACHMENTS);
    return send_message(emitter, &message);
}

int sio_emitter_vemit(sio_emitter *emitter, const sio_emitter_target *target, const char *event,
                      const char *format, va_list arguments)
{
    static const sio_emitter_target everyone;
    sio_arena arena = { 0 };

    emitter->error[0] = '\0';
    if (!emitter->url.storage)
        return sio_emitter_fail(emitter, SIO_EURL, "the URL of Redis is malformed");
    int result = emit(emitter, &arena, target ? target : &everyone, event, format, arguments);
    sio_arena_free(&arena);
    return result;
}

int sio_emitter_emit(sio_emitter *emitter, const sio_emitter_target *target, const char *event,
                     const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int result = sio_emitter_vemit(emitter, target, event, format, arguments);
    va_end(arguments);
    return result;
}
