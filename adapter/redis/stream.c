#include "redis/stream.h"

#include <stdio.h>

#include <sio/sys/limits.h>

/* ---- entries ---- */

static sio_str text_of(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING ? (sio_str){ reply->str, reply->len }
                                             : (sio_str){ NULL, 0 };
}

static sio_str *field_of(sio_entry *entry, sio_str name)
{
    if (sio_str_equal(name, SIO_STR("uid")))
        return &entry->uid;
    if (sio_str_equal(name, SIO_STR("nsp")))
        return &entry->nsp;
    if (sio_str_equal(name, SIO_STR("type")))
        return &entry->type;
    if (sio_str_equal(name, SIO_STR("data")))
        return &entry->data;
    return sio_str_equal(name, SIO_STR("mark")) ? &entry->mark : NULL;
}

int sio_stream_entry(sio_entry *out, const redisReply *reply)
{
    *out = (sio_entry){ 0 };
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
        return SIO_EPARSE;
    const redisReply *fields = reply->element[1];
    int err = sio_entry_id_read(&out->id, text_of(reply->element[0]));
    for (size_t i = 0; !err && fields->type == REDIS_REPLY_ARRAY && i + 1 < fields->elements;
         i += 2) {
        sio_str *field = field_of(out, text_of(fields->element[i]));
        if (field)
            *field = text_of(fields->element[i + 1]);
    }
    return err;
}

static size_t size_of(const sio_entry *entry)
{
    return entry->uid.len + entry->nsp.len + entry->type.len + entry->data.len;
}

/* ---- reading ---- */

static void fail(const sio_stream *stream, const char *command, const char *why)
{
    char text[200];
    snprintf(text, sizeof text, "%s of the stream %.60s: %s", command, stream->name, why);
    sio_redis_link_fail(stream->link, text);
}

static void read_on(sio_stream *stream);

/* It is passed before anybody looks at it, so that what cannot be read is not read again. */
static void hand_over(sio_stream *stream, const redisReply *entries)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < entries->elements && !stream->stopped; i++) {
        sio_entry entry;
        if (sio_stream_entry(&entry, entries->element[i]))
            continue;
        bytes += size_of(&entry);
        stream->last = entry.id;
        stream->entry(stream->data, &entry);
    }
    stream->entry_size = entries->elements ? bytes / entries->elements : 0;
}

/* [[name, [entry, …]]], or nil when the time was up. */
static const redisReply *entries_of(const redisReply *reply)
{
    const redisReply *one =
        reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 ? reply->element[0] : reply;
    return one->type == REDIS_REPLY_ARRAY && one->elements == 2 &&
                   one->element[1]->type == REDIS_REPLY_ARRAY
               ? one->element[1]
               : NULL;
}

static void on_read(void *data, int err, const redisReply *reply)
{
    sio_stream *stream = data;
    if (err == SIO_ECLOSED || stream->stopped)
        return;
    const redisReply *entries = entries_of(reply);
    if (err) {
        fail(stream, "XREAD", reply->str);
        return;
    }
    if (entries)
        hand_over(stream, entries);
    if (!stream->stopped)
        read_on(stream);
}

/* As many as it is to have, but of large ones only as many as should be in memory at once. */
static uint64_t next_count(const sio_stream *stream)
{
    const uint64_t size = stream->entry_size ? stream->entry_size : 1;
    const uint64_t fitting = SIO_LIMIT_STREAM_READ / size;
    return fitting < 1 ? 1 : fitting < stream->count ? fitting : stream->count;
}

static void read_on(sio_stream *stream)
{
    char count[24], block[24], id[SIO_ENTRY_ID_SIZE];
    snprintf(count, sizeof count, "%llu", (unsigned long long)next_count(stream));
    snprintf(block, sizeof block, "%d", SIO_LIMIT_STREAM_BLOCK_MS);
    sio_entry_id_write(id, stream->last);
    const sio_str words[] = { SIO_STR("XREAD"),           SIO_STR("COUNT"),    sio_str_from(count),
                              SIO_STR("BLOCK"),           sio_str_from(block), SIO_STR("STREAMS"),
                              sio_str_from(stream->name), sio_str_from(id) };
    const int err = sio_redis_link_read(
        stream->link,
        &(sio_redis_command){ .words = words, .count = 8, .reply = on_read, .data = stream });
    if (err && err != SIO_ECLOSED)
        fail(stream, "XREAD", sio_err_message(err));
}

/* ---- where it ends ---- */

/* A stream that ends before what was read from it is another one than it was: Redis has come back
 * without it, or without its end. */
static void place(sio_stream *stream, const redisReply *entries)
{
    sio_entry top = { 0 };
    if (entries->type == REDIS_REPLY_ARRAY && entries->elements > 0)
        (void)sio_stream_entry(&top, entries->element[0]);
    if (!stream->known || sio_entry_id_compare(top.id, stream->last) < 0)
        stream->last = top.id;
    stream->known = true;
}

static void on_end(void *data, int err, const redisReply *reply)
{
    sio_stream *stream = data;
    if (err == SIO_ECLOSED || stream->stopped)
        return;
    if (err) {
        fail(stream, "XREVRANGE", reply->str);
        return;
    }
    place(stream, reply);
    stream->placed(stream->data);
    if (!stream->stopped)
        read_on(stream);
}

void sio_stream_begin(sio_stream *stream)
{
    const sio_str words[] = { SIO_STR("XREVRANGE"), sio_str_from(stream->name), SIO_STR("+"),
                              SIO_STR("-"),         SIO_STR("COUNT"),           SIO_STR("1") };
    const int err = sio_redis_link_ask(
        stream->link,
        &(sio_redis_command){ .words = words, .count = 6, .reply = on_end, .data = stream });
    if (err && err != SIO_ECLOSED)
        fail(stream, "XREVRANGE", sio_err_message(err));
}
