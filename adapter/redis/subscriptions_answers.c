#include "redis/subscription.h"

static void refuse(sio_subscriptions *subscriptions, sio_redis_subscription *one, const char *why)
{
    one->sent = false;
    one->confirmed = false;
    if (one->wanted)
        subscriptions->events->refused(subscriptions, one->kind, sio_redis_subscription_name(one),
                                       why);
}

/* The first of those sent with that command that is not told so yet. */
static sio_redis_subscription *sent_with(const sio_subscriptions *subscriptions, int kind,
                                         uint64_t command)
{
    size_t at = 0;
    for (sio_redis_subscription *one; (one = sio_map_next(&subscriptions->names[kind], &at));)
        if (one->sent && one->command == command)
            return one;
    return NULL;
}

static void refuse_all(sio_subscriptions *subscriptions, int kind, uint64_t command,
                       const char *why)
{
    sio_redis_subscription *one;
    while (subscriptions->open && (one = sent_with(subscriptions, kind, command)))
        refuse(subscriptions, one, why);
}

/* A command is answered in full. */
static void conclude(sio_subscriptions *subscriptions, size_t bytes)
{
    subscriptions->oldest++;
    subscriptions->flying_bytes -= bytes;
    if (subscriptions->dirty.head && subscriptions->conn->ready)
        sio_wire_wake(subscriptions->conn->wire);
}

/* One answer to a whole command is an error, and none is the end of the connection. */
void sio_subscriptions_answered(sio_redis_conn *conn, const sio_redis_pending *pending,
                                const redisReply *reply)
{
    sio_subscriptions *subscriptions = conn->user;
    uint64_t command = subscriptions->oldest;
    conclude(subscriptions, pending->bytes);
    if (reply && pending->joining)
        refuse_all(subscriptions, pending->kind, command,
                   reply->str ? reply->str : "no reason given");
    if (reply)
        sio_subscriptions_check(subscriptions);
}

static void confirm(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name,
                    uint64_t command)
{
    sio_redis_subscription *one = sio_map_get(&subscriptions->names[kind], name);
    if (!one || !one->sent || one->confirmed || one->command != command)
        return;
    one->confirmed = true;
    if (one->wanted)
        subscriptions->events->confirmed(subscriptions, kind, sio_redis_subscription_name(one));
}

/* The server takes shard channels back when their slot moves. */
static void withdraw(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    sio_redis_subscription *one = sio_map_get(&subscriptions->names[kind], name);
    if (one && one->sent && one->confirmed)
        refuse(subscriptions, one, SIO_SUBSCRIPTION_ENDED);
}

static void take_confirmation(sio_subscriptions *subscriptions, sio_redis_kind kind, bool joining,
                              sio_str name)
{
    sio_redis_conn *conn = subscriptions->conn;
    sio_redis_pending *first = sio_redis_pendings_at(&conn->pendings, 0);
    sio_redis_pending done;
    uint64_t command = subscriptions->oldest;
    if (!first || first->took != sio_subscriptions_answered || first->kind != kind ||
        first->joining != joining) {
        if (!joining)
            withdraw(subscriptions, kind, name);
        return;
    }
    if (--first->answers == 0 && sio_redis_pendings_pop(&conn->pendings, &done))
        conclude(subscriptions, done.bytes);
    if (joining)
        confirm(subscriptions, kind, name, command);
    sio_subscriptions_check(subscriptions);
}

static sio_str text(const redisReply *reply)
{
    return (sio_str){ reply->str, reply->len };
}

static bool are_strings(redisReply *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i]->type != REDIS_REPLY_STRING)
            return false;
    return true;
}

void sio_subscriptions_hear(sio_redis_conn *conn, const sio_redis_message *message)
{
    sio_subscriptions *subscriptions = conn->user;
    if (subscriptions->open)
        subscriptions->events->message(subscriptions, message);
}

/* Takes a "p" or "s" off, that tells the kind; what is left has an odd number of letters. */
static sio_redis_kind kind_of(sio_str *word)
{
    if (word->len % 2)
        return SIO_REDIS_CHANNEL;
    char prefix = word->data[0];
    word->data++;
    word->len--;
    return prefix == 'p' ? SIO_REDIS_PATTERN : SIO_REDIS_SHARD;
}

/* [subscribe, channel, count] and so on. A message is no reply unless it is odd. */
bool sio_subscriptions_take(sio_redis_conn *conn, const redisReply *reply)
{
    sio_subscriptions *subscriptions = conn->user;
    redisReply *const *items = reply->element;
    if (!subscriptions->open || reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 ||
        !are_strings(items, 1) || items[0]->len == 0)
        return false;
    sio_str word = text(items[0]);
    sio_redis_kind kind = kind_of(&word);
    bool joining = sio_str_equal(word, SIO_STR("subscribe"));
    if (sio_str_equal(word, SIO_STR("message")))
        return true;
    if (!joining && !sio_str_equal(word, SIO_STR("unsubscribe")))
        return false;
    if (are_strings(items, 2))
        take_confirmation(subscriptions, kind, joining, text(items[1]));
    return true;
}
