/* The streams adapter on a link. */
#include "redis/kinds.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "cluster/streams.h"
#include "redis/archive.h"
#include "redis/base.h"
#include "redis/ops.h"
#include "redis/probe.h"
#include "redis/stream.h"

/* An entry of this node's own, whose way through the stream is timed. An entry that is there for
 * that alone would take another's place in the stream. */
typedef struct sample {
    bool wanted; /* the next one is it */
    bool added;  /* it is on its way, under `id` if that is known yet */
    uint64_t added_ns;
    sio_entry_id id;
} sample;

typedef struct streams_adapter {
    sio_redis_base base; /* first */
    sio_streams streams;
    sio_stream stream;
    sio_archive archive;
    char *name; /* of the stream */
    char max_len[12];
    sample sample;
    char detail[512]; /* of the link that stands, until it is known where the stream ends */
} streams_adapter;

static streams_adapter *self_of(sio_adapter *adapter)
{
    return (streams_adapter *)(void *)adapter;
}

static int adapter_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    streams_adapter *self = self_of(adapter);
    if (self->base.stopping)
        return SIO_ECLOSED;
    const int sent = sio_streams_broadcast(&self->streams, message, uv_now(self->base.loop));
    return sio_redis_base_sent(&self->base, sent, "broadcast");
}

static void on_gone(sio_redis_base *base)
{
    streams_adapter *self = (streams_adapter *)(void *)base;
    sio_archive_free(&self->archive);
    sio_streams_free(&self->streams);
    sio_mem_free(self->name);
    sio_mem_free(self);
}

static void adapter_stop(sio_adapter *adapter, void (*done)(void *data), void *data)
{
    streams_adapter *self = self_of(adapter);
    self->stream.stopped = true;
    sio_streams_stop(&self->streams);
    sio_archive_stop(&self->archive);
    sio_redis_base_stop(&self->base, done, data);
}

static void adapter_probe(sio_adapter *adapter);

static const sio_adapter_ops ops = {
    .open = sio_redis_op_open,
    .close = sio_redis_op_close,
    .broadcast = adapter_broadcast,
    .tell = sio_redis_op_tell,
    .ask = sio_redis_op_ask,
    .forget = sio_redis_op_forget,
    .stats = sio_redis_op_stats,
    .probe = adapter_probe,
    .stop = adapter_stop,
};

/* ---- what the streams adapter wants of the link ---- */

static int subscribe(void *data, sio_str channel)
{
    return sio_redis_base_subscribe(data, SIO_REDIS_CHANNEL, channel);
}

static void unsubscribe(void *data, sio_str channel)
{
    sio_redis_base_unsubscribe(data, SIO_REDIS_CHANNEL, channel);
}

static int append(void *data, const sio_member_message *message)
{
    return sio_streams_append(&((streams_adapter *)data)->streams, message);
}

#define WORDS 16

static size_t put(sio_str words[WORDS], size_t count, const char *name, sio_str text)
{
    if (text.len == 0)
        return count;
    words[count] = sio_str_from(name);
    words[count + 1] = text;
    return count + 2;
}

static void end_sample(streams_adapter *self)
{
    self->sample.added = false;
    sio_probe_tell(&self->base, self->sample.added_ns);
}

/* It may have been read before Redis's answer to its writer is. */
static void on_added(void *data, int err, const redisReply *reply)
{
    streams_adapter *self = data;
    sio_entry_id id;
    if (err == SIO_EREDIS)
        sio_redis_base_refused(&self->base, reply->str);
    if (err || reply->type != REDIS_REPLY_STRING ||
        sio_entry_id_read(&id, (sio_str){ reply->str, reply->len }))
        self->sample.added = false;
    else if (sio_entry_id_compare(self->stream.last, id) >= 0)
        end_sample(self);
    else
        self->sample.id = id;
}

static bool has_read_sample(const streams_adapter *self)
{
    static const sio_entry_id none;
    return self->sample.added && sio_entry_id_compare(self->sample.id, none) > 0 &&
           sio_entry_id_compare(self->stream.last, self->sample.id) >= 0;
}

static void adapter_probe(sio_adapter *adapter)
{
    streams_adapter *self = self_of(adapter);
    self->sample.wanted = !self->sample.added;
}

static int send_entry(streams_adapter *self, sio_redis_command *command)
{
    if (self->sample.wanted) {
        self->sample = (sample){ .added = true, .added_ns = uv_hrtime() };
        command->reply = on_added;
        command->data = self;
    }
    const int err = sio_redis_link_send(self->base.link, command);
    if (err && command->reply)
        self->sample.added = false;
    return err;
}

static int add(void *data, const sio_entry *entry)
{
    streams_adapter *self = data;
    sio_str words[WORDS] = { SIO_STR("XADD"), sio_str_from(self->name),    SIO_STR("MAXLEN"),
                             SIO_STR("~"),    sio_str_from(self->max_len), SIO_STR("*") };
    size_t used = put(words, 6, "uid", entry->uid);
    used = put(words, used, "nsp", entry->nsp);
    used = put(words, used, "type", entry->type);
    used = put(words, used, "data", entry->data);
    used = put(words, used, "mark", entry->mark);
    return send_entry(self, &(sio_redis_command){ .words = words, .count = used });
}

/* ---- what the link tells ---- */

/* It is ready when it is known where the stream ends, too: what is sent from then on comes. */
static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    streams_adapter *self = data;
    if (state == SIO_CLUSTER_READY) {
        snprintf(self->detail, sizeof self->detail, "%s", detail);
        sio_stream_begin(&self->stream);
        return;
    }
    sio_streams_ready(&self->streams, false, uv_now(self->base.loop));
    sio_archive_give_up(&self->archive, UINT64_MAX);
    sio_redis_base_state(&self->base, state, detail);
}

static void on_placed(void *data)
{
    streams_adapter *self = data;
    sio_streams_ready(&self->streams, true, uv_now(self->base.loop));
    sio_redis_base_state(&self->base, SIO_CLUSTER_READY, self->detail);
}

static void on_entry(void *data, const sio_entry *entry)
{
    streams_adapter *self = data;
    if (has_read_sample(self))
        end_sample(self);
    sio_streams_receive(&self->streams, entry, uv_now(self->base.loop));
    sio_archive_read(&self->archive);
}

static void on_message(void *data, const sio_redis_message *message)
{
    streams_adapter *self = data;
    sio_sharded_receive(&self->streams.members, message->channel, message->payload,
                        uv_now(self->base.loop));
}

/* ---- making it ---- */

static int name_stream(streams_adapter *self, const sio_redis_options *options)
{
    const sio_streams_options *streams = &options->streams;
    const char *key = options->key ? options->key : SIO_CLUSTER_KEY;
    const char *name = streams->name ? streams->name : key;
    self->name = sio_mem_strndup(name, strlen(name));
    if (!self->name)
        return SIO_ENOMEM;
    snprintf(self->max_len, sizeof self->max_len, "%u",
             (unsigned)(streams->max_len ? streams->max_len : SIO_STREAM_MAX_LEN));
    self->stream = (sio_stream){
        .name = self->name,
        .count = streams->read_count ? streams->read_count : SIO_STREAM_READ_COUNT,
        .data = self,
        .placed = on_placed,
        .entry = on_entry,
    };
    return 0;
}

static int set_up(streams_adapter *self, const sio_redis_options *options,
                  const sio_adapter_host *host, char *detail, size_t detail_size)
{
    static const sio_redis_link_events events = { .state = on_state, .message = on_message };
    const sio_sharded_link channels = {
        .data = &self->base,
        .publish = sio_redis_base_publish,
        .count = sio_redis_base_count,
        .subscribe = subscribe,
        .unsubscribe = unsubscribe,
        .append = append,
    };
    const sio_streams_link link = { self, add };
    int err = sio_streams_init(&self->streams, host, &channels, &link, options);
    if (!err)
        err = name_stream(self, options);
    if (!err)
        err = sio_archive_init(&self->archive, &self->streams, &self->stream,
                               options->streams.session_key_prefix, options->recovery_ms);
    if (!err)
        err = sio_redis_base_link(&self->base, options, &events, detail, detail_size);
    if (err)
        return err;
    sio_redis_link_use_reader(self->base.link);
    self->stream.link = self->archive.link = self->base.link;
    if (options->recovery_ms)
        self->base.adapter.recovery = &self->archive.recovery;
    return 0;
}

int sio_redis_streams_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size)
{
    streams_adapter *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return SIO_ENOMEM;
    self->base = (sio_redis_base){
        .adapter.ops = &ops,
        .protocol = &sio_sharded_protocol,
        .part = &self->streams.members,
        .loop = loop,
        .warnings = &self->streams.members.warnings,
        .gone = on_gone,
    };
    int err = set_up(self, options, host, detail, detail_size);
    if (err)
        on_gone(&self->base);
    else
        *out = &self->base.adapter;
    return err;
}
