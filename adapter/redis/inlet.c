#include "redis/inlet.h"

/* Bytes that are read at once, at least. A node that others send much reads some hundred messages
 * each time; who is only answered needs less. */
#define READ_MESSAGES ((size_t)64 * 1024)
#define READ_REPLIES  ((size_t)REDIS_READER_MAX_BUF)

/* What one long message has made larger is given back. */
#define KEPT (4 * READ_MESSAGES)

char *sio_inlet_room(sio_inlet *inlet, size_t *size)
{
    sio_buf *bytes = &inlet->bytes;
    sio_buf_consume(bytes, inlet->taken);
    inlet->taken = 0;
    if (bytes->len == 0 && bytes->cap > KEPT)
        sio_buf_free(bytes);
    char *at = sio_buf_reserve(bytes, inlet->messages ? READ_MESSAGES : READ_REPLIES);
    *size = bytes->cap - bytes->len;
    return at;
}

void sio_inlet_came(sio_inlet *inlet, size_t len)
{
    inlet->bytes.len += len;
}

/* Where messages may come, no more than belongs to the reply: a reply ends with a line, so the
 * reader gets one line after the other. */
static bool feed(sio_inlet *inlet, redisReader *reader)
{
    const char *at = inlet->bytes.data + inlet->taken;
    size_t len = inlet->bytes.len - inlet->taken;
    if (len > READ_REPLIES)
        len = READ_REPLIES;
    const char *end = inlet->messages ? memchr(at, '\n', len) : NULL;
    if (end)
        len = (size_t)(end - at) + 1;
    inlet->taken += len;
    inlet->midway = true;
    return redisReaderFeed(reader, at, len) == REDIS_OK;
}

static sio_inlet_found read_reply(sio_inlet *inlet, redisReader *reader, redisReply **out)
{
    void *reply = NULL;
    for (;;) {
        if (redisReaderGetReply(reader, &reply) != REDIS_OK)
            return SIO_INLET_BROKEN;
        if (reply)
            break;
        if (inlet->taken == inlet->bytes.len)
            return SIO_INLET_NOTHING;
        if (!feed(inlet, reader))
            return SIO_INLET_BROKEN;
    }
    inlet->midway = reader->pos < reader->len;
    *out = reply;
    return SIO_INLET_REPLY;
}

sio_inlet_found sio_inlet_next(sio_inlet *inlet, redisReader *reader, sio_redis_message *message,
                               redisReply **reply)
{
    if (inlet->midway || !inlet->messages)
        return read_reply(inlet, reader, reply);
    size_t left = inlet->bytes.len - inlet->taken;
    if (left == 0)
        return SIO_INLET_NOTHING;
    long long used = sio_redis_message_read(message, inlet->bytes.data + inlet->taken, left);
    if (used < 0)
        return read_reply(inlet, reader, reply);
    inlet->taken += (size_t)used;
    return used ? SIO_INLET_MESSAGE : SIO_INLET_NOTHING;
}

void sio_inlet_free(sio_inlet *inlet)
{
    sio_buf_free(&inlet->bytes);
}
