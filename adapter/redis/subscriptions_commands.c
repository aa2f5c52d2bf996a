#include "redis/subscription.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

/* Bytes that a confirmation has beside the name. */
#define OVERHEAD 64

static const char *const verbs[SIO_REDIS_KINDS][2] = {
    [SIO_REDIS_CHANNEL] = { "UNSUBSCRIBE", "SUBSCRIBE" },
    [SIO_REDIS_PATTERN] = { "PUNSUBSCRIBE", "PSUBSCRIBE" },
    [SIO_REDIS_SHARD] = { "SUNSUBSCRIBE", "SSUBSCRIBE" },
};

static size_t cost(const sio_redis_subscription *one)
{
    return one->len + OVERHEAD;
}

static int emit(sio_subscriptions *subscriptions, const sio_str *words, size_t count, int kind,
                bool joining, size_t bytes)
{
    const sio_redis_pending pending = {
        .took = sio_subscriptions_answered,
        .bytes = bytes,
        .answers = (uint16_t)(count - 1),
        .kind = (uint8_t)kind,
        .joining = joining,
    };
    int err = sio_redis_conn_send(subscriptions->conn, words, count, &pending);
    if (err)
        return err;
    subscriptions->next++;
    subscriptions->flying_bytes += bytes;
    return 0;
}

/* The longest run of the list that fits into one command. */
static int emit_some(sio_subscriptions *subscriptions, sio_redis_list *list, int kind, bool joining)
{
    sio_str words[1 + SIO_LIMIT_REDIS_SUBSCRIBE] = { sio_str_from(verbs[kind][joining]) };
    sio_redis_list gone = { 0 };
    size_t count = 1, bytes = 0;
    size_t most = kind == SIO_REDIS_SHARD ? 2 : sizeof words / sizeof *words;
    for (sio_redis_subscription *one; count < most && (one = sio_redis_list_pop(list));) {
        words[count++] = sio_redis_subscription_name(one);
        bytes += cost(one);
        one->command = subscriptions->next;
        one->sent = joining;
        one->confirmed = false;
        if (!joining)
            sio_redis_list_push(&gone, one);
    }
    int err = emit(subscriptions, words, count, kind, joining, bytes);
    for (sio_redis_subscription *one; (one = sio_redis_list_pop(&gone));)
        sio_subscriptions_forget(subscriptions, one);
    return err;
}

/* Sorts the dirty ones by what is to be sent, as far as the window has room. */
static void sort(sio_subscriptions *subscriptions, sio_redis_list lists[SIO_REDIS_KINDS][2])
{
    size_t bytes = subscriptions->flying_bytes;
    for (sio_redis_subscription *one;
         bytes < SIO_LIMIT_REDIS_WINDOW && (one = sio_redis_list_pop(&subscriptions->dirty));) {
        one->dirty = false;
        if (subscriptions->initial)
            subscriptions->initial--;
        if (one->wanted != one->sent) {
            bytes += cost(one);
            sio_redis_list_push(&lists[one->kind][one->wanted], one);
        } else if (!one->wanted) {
            sio_subscriptions_forget(subscriptions, one);
        }
    }
}

static int emit_all(sio_subscriptions *subscriptions, sio_redis_list lists[SIO_REDIS_KINDS][2])
{
    int err = 0;
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++)
        for (int joining = 0; joining < 2; joining++)
            while (lists[kind][joining].head)
                err |= emit_some(subscriptions, &lists[kind][joining], kind, joining);
    return err ? SIO_ENOMEM : 0;
}

void sio_subscriptions_flush(sio_redis_conn *conn)
{
    sio_subscriptions *subscriptions = conn->user;
    sio_redis_list lists[SIO_REDIS_KINDS][2] = { 0 };
    size_t initial = subscriptions->initial;
    if (!subscriptions->open)
        return;
    sort(subscriptions, lists);
    int err = emit_all(subscriptions, lists);
    if (err) {
        sio_redis_conn_lose(conn, sio_err_message(err));
        return;
    }
    if (initial && subscriptions->initial == 0)
        subscriptions->barrier = subscriptions->next;
    sio_subscriptions_check(subscriptions);
}
