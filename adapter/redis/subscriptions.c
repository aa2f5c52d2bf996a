#include "redis/subscriptions.h"

#include <strings.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

struct subscription {
    bool confirmed;
    size_t len;
    char pattern[];
};

static sio_str pattern_of(const void *object)
{
    const struct subscription *self = object;
    return (sio_str){ self->pattern, self->len };
}

void sio_subscriptions_init(sio_subscriptions *subscriptions, const uint64_t seed[2])
{
    sio_map_init(&subscriptions->patterns, pattern_of, seed);
}

void sio_subscriptions_free(sio_subscriptions *subscriptions)
{
    size_t at = 0;
    for (void *one; (one = sio_map_next(&subscriptions->patterns, &at));)
        sio_mem_free(one);
    sio_map_free(&subscriptions->patterns);
}

static void confirm(sio_subscriptions *subscriptions, struct subscription *one)
{
    if (one->confirmed)
        return;
    one->confirmed = true;
    if (--subscriptions->unconfirmed == 0)
        subscriptions->confirmed(subscriptions);
}

static sio_str text(const redisReply *reply)
{
    return (sio_str){ reply->str, reply->len };
}

/* [pmessage, pattern, channel, payload], or [psubscribe, pattern, count]. */
static void on_reply(redisAsyncContext *context, void *answer, void *data)
{
    const redisReply *reply = answer;
    sio_subscriptions *subscriptions = data;
    if (!sio_redis_conn_of(context, reply) || reply->type != REDIS_REPLY_ARRAY ||
        reply->elements < 3)
        return;
    redisReply *const *items = reply->element;
    if (items[0]->type != REDIS_REPLY_STRING || items[1]->type != REDIS_REPLY_STRING)
        return;
    if (reply->elements == 4 && items[2]->type == REDIS_REPLY_STRING &&
        items[3]->type == REDIS_REPLY_STRING) {
        subscriptions->message(subscriptions, text(items[1]), text(items[2]), text(items[3]));
    } else if (strcasecmp(items[0]->str, "psubscribe") == 0) {
        struct subscription *one = sio_map_get(&subscriptions->patterns, text(items[1]));
        if (one)
            confirm(subscriptions, one);
    }
}

/* Out of memory here shows as a connection that hiredis gives up. */
static void command(sio_subscriptions *subscriptions, const char *verb, sio_str pattern)
{
    const char *words[] = { verb, pattern.data };
    const size_t lens[] = { strlen(verb), pattern.len };
    redisAsyncCommandArgv(subscriptions->conn->context, on_reply, subscriptions, 2, words, lens);
}

int sio_subscriptions_add(sio_subscriptions *subscriptions, sio_str pattern)
{
    if (sio_map_get(&subscriptions->patterns, pattern))
        return SIO_EEXISTS;
    struct subscription *one = sio_mem_zalloc(sizeof *one + pattern.len);
    if (!one)
        return SIO_ENOMEM;
    one->len = pattern.len;
    memcpy(one->pattern, pattern.data, pattern.len);
    if (sio_map_insert(&subscriptions->patterns, one)) {
        sio_mem_free(one);
        return SIO_ENOMEM;
    }
    subscriptions->unconfirmed++;
    if (subscriptions->conn->ready)
        command(subscriptions, "PSUBSCRIBE", pattern);
    return 0;
}

void sio_subscriptions_remove(sio_subscriptions *subscriptions, sio_str pattern)
{
    struct subscription *one = sio_map_remove(&subscriptions->patterns, pattern);
    if (!one)
        return;
    if (subscriptions->conn->ready)
        command(subscriptions, "PUNSUBSCRIBE", pattern_of(one));
    confirm(subscriptions, one);
    sio_mem_free(one);
}

void sio_subscriptions_send(sio_subscriptions *subscriptions)
{
    size_t at = 0;
    for (const void *one; (one = sio_map_next(&subscriptions->patterns, &at));)
        command(subscriptions, "PSUBSCRIBE", pattern_of(one));
}

void sio_subscriptions_reset(sio_subscriptions *subscriptions)
{
    size_t at = 0;
    for (struct subscription *one; (one = sio_map_next(&subscriptions->patterns, &at));)
        one->confirmed = false;
    subscriptions->unconfirmed = subscriptions->patterns.count;
}
