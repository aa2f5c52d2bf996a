#include "redis/subscriptions.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* Bytes that a confirmation has beside the name. */
#define OVERHEAD 64

typedef struct sio_redis_subscription subscription;

struct sio_redis_subscription {
    subscription *next; /* in the dirty list, or in one that is being sent */
    uint64_t command;   /* number of the one that it was sent with */
    size_t len;
    uint8_t kind;
    bool wanted;    /* by us */
    bool sent;      /* the last that was sent for it is a SUBSCRIBE */
    bool confirmed; /* and that has been answered */
    bool dirty;     /* in the list */
    char name[];
};

static const char *const verbs[SIO_REDIS_KINDS][2] = {
    [SIO_REDIS_CHANNEL] = { "UNSUBSCRIBE", "SUBSCRIBE" },
    [SIO_REDIS_PATTERN] = { "PUNSUBSCRIBE", "PSUBSCRIBE" },
    [SIO_REDIS_SHARD] = { "SUNSUBSCRIBE", "SSUBSCRIBE" },
};

static sio_str name_of(const void *object)
{
    const subscription *self = object;
    return (sio_str){ self->name, self->len };
}

static size_t cost(const subscription *one)
{
    return one->len + OVERHEAD;
}

static void push(sio_redis_list *list, subscription *one)
{
    one->next = NULL;
    if (list->tail)
        list->tail->next = one;
    else
        list->head = one;
    list->tail = one;
}

static subscription *pop(sio_redis_list *list)
{
    subscription *first = list->head;
    if (!first)
        return NULL;
    list->head = first->next;
    if (!list->head)
        list->tail = NULL;
    return first;
}

void sio_subscriptions_init(sio_subscriptions *subscriptions, sio_redis_conn *conn,
                            const sio_subscriptions_events *events, const uint64_t seed[2])
{
    subscriptions->conn = conn;
    subscriptions->events = events;
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++)
        sio_map_init(&subscriptions->names[kind], name_of, seed);
}

void sio_subscriptions_free(sio_subscriptions *subscriptions)
{
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        for (void *one; (one = sio_map_next(&subscriptions->names[kind], &at));)
            sio_mem_free(one);
        sio_map_free(&subscriptions->names[kind]);
    }
}

static void forget(sio_subscriptions *subscriptions, subscription *one)
{
    sio_map_remove(&subscriptions->names[one->kind], name_of(one));
    sio_mem_free(one);
}

/* ---- wanting ---- */

static void soil(sio_subscriptions *subscriptions, subscription *one)
{
    if (!one->dirty)
        push(&subscriptions->dirty, one);
    one->dirty = true;
    if (subscriptions->conn->ready)
        sio_wire_wake(subscriptions->conn->wire);
}

static int create(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name,
                  subscription **out)
{
    subscription *one = sio_mem_zalloc(sizeof *one + name.len);
    if (!one)
        return SIO_ENOMEM;
    one->len = name.len;
    one->kind = (uint8_t)kind;
    memcpy(one->name, name.data, name.len);
    int err = sio_map_insert(&subscriptions->names[kind], one);
    if (err)
        sio_mem_free(one);
    else
        *out = one;
    return err;
}

int sio_subscriptions_add(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    subscription *one = sio_map_get(&subscriptions->names[kind], name);
    int err = 0;
    if (one && one->wanted)
        return SIO_EEXISTS;
    if (!one)
        err = create(subscriptions, kind, name, &one);
    if (err)
        return err;
    one->wanted = true;
    if (subscriptions->open)
        soil(subscriptions, one);
    return 0;
}

void sio_subscriptions_remove(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    subscription *one = sio_map_get(&subscriptions->names[kind], name);
    if (!one)
        return;
    one->wanted = false;
    if (subscriptions->open)
        soil(subscriptions, one);
    else
        forget(subscriptions, one);
}

bool sio_subscriptions_confirmed(const sio_subscriptions *subscriptions, sio_redis_kind kind,
                                 sio_str name)
{
    const subscription *one = sio_map_get(&subscriptions->names[kind], name);
    return one && one->wanted && one->confirmed;
}

/* ---- what comes ---- */

static void complete_if_so(sio_subscriptions *subscriptions)
{
    if (!subscriptions->open || subscriptions->complete || subscriptions->initial ||
        subscriptions->oldest < subscriptions->barrier)
        return;
    subscriptions->complete = true;
    subscriptions->events->complete(subscriptions);
}

static void refuse(sio_subscriptions *subscriptions, subscription *one, const char *why)
{
    one->sent = false;
    one->confirmed = false;
    if (one->wanted)
        subscriptions->events->refused(subscriptions, one->kind, name_of(one), why);
}

/* The first of those sent with that command that is not told so yet. */
static subscription *sent_with(const sio_subscriptions *subscriptions, int kind, uint64_t command)
{
    size_t at = 0;
    for (subscription *one; (one = sio_map_next(&subscriptions->names[kind], &at));)
        if (one->sent && one->command == command)
            return one;
    return NULL;
}

static void refuse_all(sio_subscriptions *subscriptions, int kind, uint64_t command,
                       const char *why)
{
    subscription *one;
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
static void on_answer(sio_redis_conn *conn, const sio_redis_pending *self, const redisReply *reply)
{
    sio_subscriptions *subscriptions = conn->user;
    uint64_t command = subscriptions->oldest;
    conclude(subscriptions, self->bytes);
    if (reply && self->joining)
        refuse_all(subscriptions, self->kind, command, reply->str ? reply->str : "no reason given");
    if (reply)
        complete_if_so(subscriptions);
}

static void confirm(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name,
                    uint64_t command)
{
    subscription *one = sio_map_get(&subscriptions->names[kind], name);
    if (!one || !one->sent || one->confirmed || one->command != command)
        return;
    one->confirmed = true;
    if (one->wanted)
        subscriptions->events->confirmed(subscriptions, kind, name_of(one));
}

/* The server takes shard channels back when their slot moves. */
static void withdraw(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    subscription *one = sio_map_get(&subscriptions->names[kind], name);
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
    if (!first || first->took != on_answer || first->kind != kind || first->joining != joining) {
        if (!joining)
            withdraw(subscriptions, kind, name);
        return;
    }
    if (--first->answers == 0 && sio_redis_pendings_pop(&conn->pendings, &done))
        conclude(subscriptions, done.bytes);
    if (joining)
        confirm(subscriptions, kind, name, command);
    complete_if_so(subscriptions);
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

static void hear(sio_redis_conn *conn, const sio_redis_message *message)
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
static bool take(sio_redis_conn *conn, const redisReply *reply)
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

/* ---- sending ---- */

static int emit(sio_subscriptions *subscriptions, const sio_str *words, size_t count, int kind,
                bool joining, size_t bytes)
{
    const sio_redis_pending pending = {
        .took = on_answer,
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
    for (subscription *one; count < most && (one = pop(list));) {
        words[count++] = name_of(one);
        bytes += cost(one);
        one->command = subscriptions->next;
        one->sent = joining;
        one->confirmed = false;
        if (!joining)
            push(&gone, one);
    }
    int err = emit(subscriptions, words, count, kind, joining, bytes);
    for (subscription *one; (one = pop(&gone));)
        forget(subscriptions, one);
    return err;
}

/* Sorts the dirty ones by what is to be sent, as far as the window has room. */
static void sort(sio_subscriptions *subscriptions, sio_redis_list lists[SIO_REDIS_KINDS][2])
{
    size_t bytes = subscriptions->flying_bytes;
    for (subscription *one; bytes < SIO_LIMIT_REDIS_WINDOW && (one = pop(&subscriptions->dirty));) {
        one->dirty = false;
        if (subscriptions->initial)
            subscriptions->initial--;
        if (one->wanted != one->sent) {
            bytes += cost(one);
            push(&lists[one->kind][one->wanted], one);
        } else if (!one->wanted) {
            forget(subscriptions, one);
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

static void flush(sio_redis_conn *conn)
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
    complete_if_so(subscriptions);
}

void sio_subscriptions_send(sio_subscriptions *subscriptions)
{
    subscriptions->open = true;
    subscriptions->initial = 0;
    subscriptions->barrier = subscriptions->next;
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        subscriptions->initial += subscriptions->names[kind].count;
        for (subscription *one; (one = sio_map_next(&subscriptions->names[kind], &at));)
            soil(subscriptions, one);
    }
    complete_if_so(subscriptions);
}

void sio_subscriptions_reset(sio_subscriptions *subscriptions)
{
    subscriptions->open = false;
    subscriptions->complete = false;
    for (subscription *one; (one = pop(&subscriptions->dirty));) {
        one->dirty = false;
        if (!one->wanted)
            forget(subscriptions, one);
    }
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        for (subscription *one; (one = sio_map_next(&subscriptions->names[kind], &at));) {
            one->sent = false;
            one->confirmed = false;
        }
    }
}

const sio_redis_conn_user sio_subscriptions_user = { flush, take, hear };
