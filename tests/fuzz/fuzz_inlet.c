/* What comes from Redis: messages that are found in the bytes and replies that hiredis reads are,
 * in any pieces, what hiredis alone makes of all of it. Input: where it is cut, the bytes. */
#include "fuzz.h"

#include <sio/sys/text.h>

#include "redis/inlet.h"

static void write_string(sio_buf *out, sio_str text)
{
    sio_buf_printf(out, "%d:%zu:", REDIS_REPLY_STRING, text.len);
    sio_buf_append(out, text.data, text.len);
}

static void write_reply(sio_buf *out, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_STRING) {
        write_string(out, (sio_str){ reply->str, reply->len });
        return;
    }
    sio_buf_printf(out, "%d:%lld:%zu:", reply->type, reply->integer, reply->len);
    sio_buf_append(out, reply->str ? reply->str : "", reply->str ? reply->len : 0);
    sio_buf_printf(out, "[%zu:", reply->elements);
    for (size_t i = 0; i < reply->elements; i++)
        write_reply(out, reply->element[i]);
}

/* As the array that it is. */
static void write_message(sio_buf *out, const sio_redis_message *message)
{
    static const char *const words[] = { "message", "pmessage", "smessage" };
    sio_buf_printf(out, "%d:0:0:[%d:", REDIS_REPLY_ARRAY,
                   message->kind == SIO_REDIS_PATTERN ? 4 : 3);
    write_string(out, sio_str_from(words[message->kind]));
    write_string(out, message->name);
    if (message->kind == SIO_REDIS_PATTERN)
        write_string(out, message->channel);
    else
        FUZZ_CHECK(sio_str_equal(message->name, message->channel));
    write_string(out, message->payload);
}

static redisReader *new_reader(void)
{
    redisReader *reader = redisReaderCreate();
    FUZZ_CHECK(reader);
    reader->maxelements = 4096; /* an array is allocated when it is announced */
    return reader;
}

/* False: it is broken. */
static bool by_reader(sio_buf *out, sio_str bytes)
{
    redisReader *reader = new_reader();
    void *reply = NULL;
    int err = redisReaderFeed(reader, bytes.data, bytes.len);
    while (!err && !(err = redisReaderGetReply(reader, &reply)) && reply) {
        write_reply(out, reply);
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
    return !err;
}

static bool by_inlet(sio_buf *out, sio_str bytes, uint32_t seed, bool messages)
{
    redisReader *reader = new_reader();
    sio_inlet inlet = { .messages = messages };
    sio_inlet_found found = SIO_INLET_NOTHING;
    while (bytes.len > 0 && found != SIO_INLET_BROKEN) {
        size_t size, piece = fuzz_piece(&seed, bytes.len);
        char *at = sio_inlet_room(&inlet, &size);
        FUZZ_CHECK(at && size >= piece);
        memcpy(at, bytes.data, piece);
        sio_inlet_came(&inlet, piece);
        bytes = (sio_str){ bytes.data + piece, bytes.len - piece };
        sio_redis_message message;
        redisReply *reply;
        while ((found = sio_inlet_next(&inlet, reader, &message, &reply)) == SIO_INLET_MESSAGE ||
               found == SIO_INLET_REPLY) {
            if (found == SIO_INLET_MESSAGE)
                write_message(out, &message);
            else
                write_reply(out, reply);
            if (found == SIO_INLET_REPLY)
                freeReplyObject(reply);
        }
    }
    sio_inlet_free(&inlet);
    redisReaderFree(reader);
    return found != SIO_INLET_BROKEN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const uint32_t seed = fuzz_byte(&input);
    const sio_str bytes = { (const char *)input.at, input.left };
    if (bytes.len == 0)
        return 0;
    sio_buf alone = { 0 };
    const bool whole = by_reader(&alone, bytes);
    for (int messages = 0; messages < 2; messages++) {
        sio_buf found = { 0 };
        FUZZ_CHECK(by_inlet(&found, bytes, seed, messages) == whole);
        FUZZ_CHECK(found.len == alone.len);
        FUZZ_CHECK(found.len == 0 || memcmp(found.data, alone.data, found.len) == 0);
        sio_buf_free(&found);
    }
    sio_buf_free(&alone);
    return 0;
}
