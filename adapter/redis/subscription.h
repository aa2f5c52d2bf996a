/* One channel or pattern of subscriptions.h, and what their parts have of each other. */
#ifndef SIO_REDIS_SUBSCRIPTION_H
#define SIO_REDIS_SUBSCRIPTION_H

#include "redis/subscriptions.h"

typedef struct sio_redis_subscription sio_redis_subscription;

struct sio_redis_subscription {
    sio_redis_subscription *next; /* in the dirty list, or in one that is being sent */
    uint64_t command;             /* number of the one that it was sent with */
    size_t len;
    uint8_t kind;
    bool wanted;    /* by us */
    bool sent;      /* the last that was sent for it is a SUBSCRIBE */
    bool confirmed; /* and that has been answered */
    bool dirty;     /* in the list */
    char name[];
};

static inline sio_str sio_redis_subscription_name(const sio_redis_subscription *one)
{
    return (sio_str){ one->name, one->len };
}

static inline void sio_redis_list_push(sio_redis_list *list, sio_redis_subscription *one)
{
    one->next = NULL;
    if (list->tail)
        list->tail->next = one;
    else
        list->head = one;
    list->tail = one;
}

/* The first; NULL: there is none. */
static inline sio_redis_subscription *sio_redis_list_pop(sio_redis_list *list)
{
    sio_redis_subscription *first = list->head;
    if (!first)
        return NULL;
    list->head = first->next;
    if (!list->head)
        list->tail = NULL;
    return first;
}

/* Frees one that nobody wants and Redis does not have. */
void sio_subscriptions_forget(sio_subscriptions *subscriptions, sio_redis_subscription *one);

/* Says so if all that were there from the beginning are confirmed now. */
void sio_subscriptions_check(sio_subscriptions *subscriptions);

/* ---- what comes: subscriptions_answers.c ---- */

/* The answer to a whole command, which is an error; NULL: the connection is closed instead. */
void sio_subscriptions_answered(sio_redis_conn *conn, const sio_redis_pending *pending,
                                const redisReply *reply);
/* As sio_redis_conn_user has them. */
bool sio_subscriptions_take(sio_redis_conn *conn, const redisReply *reply);
void sio_subscriptions_hear(sio_redis_conn *conn, const sio_redis_message *message);

/* ---- what goes: subscriptions_commands.c ---- */

/* As sio_redis_conn_user has it: sends what is dirty, as far as the window has room. */
void sio_subscriptions_flush(sio_redis_conn *conn);

#endif
