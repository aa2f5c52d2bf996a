#include "cluster/classic.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* Scratch buffers above this are given back after use. */
#define SCRATCH_KEPT 65536

struct space {
    sio_str name;
    sio_str pattern;
    char uid[SIO_CLUSTER_UID_SIZE];
    char text[]; /* name, then pattern */
};

static sio_str space_name(const void *object)
{
    return ((const struct space *)object)->name;
}

static sio_str space_pattern(const void *object)
{
    return ((const struct space *)object)->pattern;
}

static sio_str space_uid(const struct space *self)
{
    return (sio_str){ self->uid, SIO_CLUSTER_UID_SIZE };
}

static sio_str key_of(const sio_classic *classic)
{
    return sio_str_from(classic->key);
}

static sio_str str_of(const sio_buf *buf)
{
    return (sio_str){ buf->data, buf->len };
}

int sio_classic_init(sio_classic *classic, const sio_adapter_host *host, const char *key)
{
    uint64_t seed[2];
    *classic = (sio_classic){ .host = *host };
    key = key ? key : SIO_CLUSTER_KEY;
    classic->key = sio_mem_strndup(key, strlen(key));
    if (!classic->key)
        return SIO_ENOMEM;
    classic->warnings.host = &classic->host;
    host->random(host->data, seed, sizeof seed);
    sio_map_init(&classic->namespaces, space_name, seed);
    sio_map_init(&classic->patterns, space_pattern, seed);
    return 0;
}

void sio_classic_free(sio_classic *classic)
{
    size_t at = 0;
    for (void *space; (space = sio_map_next(&classic->namespaces, &at));)
        sio_mem_free(space);
    sio_map_free(&classic->namespaces);
    sio_map_free(&classic->patterns);
    sio_arena_free(&classic->arena);
    sio_buf_free(&classic->channel);
    sio_buf_free(&classic->payload);
    sio_mem_free(classic->key);
}

static void make_uid(const sio_adapter_host *host, char uid[SIO_CLUSTER_UID_SIZE])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[SIO_CLUSTER_UID_SIZE];
    host->random(host->data, random, sizeof random);
    for (size_t i = 0; i < SIO_CLUSTER_UID_SIZE; i++)
        uid[i] = letters[random[i] % 64];
}

static struct space *space_new(const sio_classic *classic, sio_str name)
{
    sio_buf pattern = { 0 };
    sio_cluster_pattern(&pattern, key_of(classic), name);
    struct space *self = pattern.err ? NULL : sio_mem_zalloc(sizeof *self + name.len + pattern.len);
    if (self) {
        memcpy(self->text, name.data, name.len);
        memcpy(self->text + name.len, pattern.data, pattern.len);
        self->name = (sio_str){ self->text, name.len };
        self->pattern = (sio_str){ self->text + name.len, pattern.len };
        make_uid(&classic->host, self->uid);
    }
    sio_buf_free(&pattern);
    return self;
}

int sio_classic_open(sio_classic *classic, sio_str nsp, sio_str *pattern)
{
    if (sio_map_get(&classic->namespaces, nsp))
        return SIO_EEXISTS;
    struct space *space = space_new(classic, nsp);
    if (!space)
        return SIO_ENOMEM;
    if (sio_map_insert(&classic->namespaces, space)) {
        sio_mem_free(space);
        return SIO_ENOMEM;
    }
    if (sio_map_insert(&classic->patterns, space)) {
        sio_map_remove(&classic->namespaces, nsp);
        sio_mem_free(space);
        return SIO_ENOMEM;
    }
    *pattern = space->pattern;
    return 0;
}

sio_str sio_classic_pattern(const sio_classic *classic, sio_str nsp)
{
    const struct space *space = sio_map_get(&classic->namespaces, nsp);
    return space ? space->pattern : (sio_str){ NULL, 0 };
}

void sio_classic_close(sio_classic *classic, sio_str nsp)
{
    struct space *space = sio_map_remove(&classic->namespaces, nsp);
    if (!space)
        return;
    sio_map_remove(&classic->patterns, space->pattern);
    sio_mem_free(space);
}

static void tidy(sio_buf *scratch)
{
    if (scratch->cap > SCRATCH_KEPT)
        sio_buf_free(scratch);
    else
        sio_buf_clear(scratch);
}

/* Writes channel and payload into the scratch buffers. */
static int compose(sio_classic *classic, const struct space *space,
                   const sio_cluster_message *message)
{
    sio_cluster_message stamped = *message;
    stamped.uid = space_uid(space);
    sio_str room = message->rooms_count == 1 ? message->rooms[0] : (sio_str){ NULL, 0 };
    sio_cluster_channel(&classic->channel, key_of(classic), space->name, room);
    sio_cluster_message_write(&classic->payload, &stamped, SIO_CLUSTER_ADAPTER);
    int err = classic->channel.err ? classic->channel.err : classic->payload.err;
    if (!err && classic->payload.len > SIO_LIMIT_PUBLISH)
        err = SIO_ELIMIT;
    if (err)
        classic->stats.published_lost++;
    return err;
}

int sio_classic_broadcast(sio_classic *classic, const sio_cluster_message *message,
                          sio_classic_publish publish, void *data)
{
    const struct space *space = sio_map_get(&classic->namespaces, message->nsp);
    if (!space)
        return SIO_ENOTFOUND;
    int err = compose(classic, space, message);
    if (!err)
        err = publish(data, str_of(&classic->channel), str_of(&classic->payload));
    tidy(&classic->channel);
    tidy(&classic->payload);
    return err;
}

static bool has_room(const sio_classic *classic, const struct space *space, sio_str room)
{
    return classic->host.has_room(classic->host.data, space->name, room);
}

static bool has_any_room(const sio_classic *classic, const struct space *space,
                         const sio_cluster_message *message)
{
    for (size_t i = 0; i < message->rooms_count; i++)
        if (has_room(classic, space, message->rooms[i]))
            return true;
    return message->rooms_count == 0;
}

/* Whoever publishes chooses the channel: what is no plain character does not reach the log. */
static void printable(char *out, size_t size, sio_str text)
{
    size_t len = text.len < size ? text.len : size - 1;
    for (size_t i = 0; i < len; i++)
        out[i] = text.data[i] >= ' ' && text.data[i] < 0x7f ? text.data[i] : '?';
    out[len] = '\0';
}

static void drop(sio_classic *classic, int err, sio_str channel, uint64_t now)
{
    char name[100];
    classic->stats.malformed++;
    printable(name, sizeof name, channel);
    if (err == SIO_ENOMEM)
        sio_warn(&classic->warnings, SIO_WARNING_MEMORY, now,
                 "out of memory: dropped a message from Redis");
    else
        sio_warn(&classic->warnings, SIO_WARNING_MALFORMED, now,
                 "dropped a message from Redis channel %s: %s", name, sio_err_message(err));
}

/* Whether the message is for someone here; if not, it is counted. */
static bool is_ours(sio_classic *classic, const struct space *space,
                    const sio_cluster_message *message)
{
    if (sio_str_equal(message->uid, space_uid(space)))
        classic->stats.own++;
    else if (!sio_str_equal(message->nsp, space->name) || !has_any_room(classic, space, message))
        classic->stats.elsewhere++;
    else
        return true;
    return false;
}

static int deliver(sio_classic *classic, const struct space *space, sio_str payload)
{
    sio_cluster_message message;
    int err = sio_cluster_message_read(&message, &classic->arena, payload.data, payload.len);
    if (err)
        return err;
    if (!is_ours(classic, space, &message))
        return 0;
    err = sio_cluster_message_data(&message, &classic->arena);
    if (err)
        return err;
    classic->stats.delivered++;
    classic->host.deliver(classic->host.data, &message);
    return 0;
}

void sio_classic_receive(sio_classic *classic, sio_str pattern, sio_str channel, sio_str payload,
                         uint64_t now)
{
    const struct space *space = sio_map_get(&classic->patterns, pattern);
    sio_str room;
    if (!space)
        return; /* closed meanwhile */
    classic->stats.received++;
    if (!sio_cluster_channel_room(channel, key_of(classic), space->name, &room)) {
        drop(classic, SIO_EPARSE, channel, now);
        return;
    }
    if (room.data && !has_room(classic, space, room)) {
        classic->stats.elsewhere++;
        return;
    }
    int err = deliver(classic, space, payload);
    sio_arena_reset(&classic->arena);
    if (err)
        drop(classic, err, channel, now);
}
