#include "core/reply.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/namespace.h"

/* A broadcast asks many sockets under one id. No padding: it is hashed as bytes. */
struct key {
    uint64_t id;
    uint64_t socket;
};

struct sio_reply {
    sio_list node;   /* in socket->replies; the socket outlives it */
    sio_list ballot; /* in the ballot's list, if it is one of a ballot */
    sio_timer timer;
    sio_socket *socket;
    sio_reply_cb callback; /* NULL: one of a ballot, which is `data` */
    void *data;
    struct key key;
};

static struct key key_of(const sio_socket *socket, uint64_t id)
{
    return (struct key){ .id = id, .socket = (uint64_t)(uintptr_t)socket };
}

static sio_str str_of(const struct key *key)
{
    return (sio_str){ (const char *)key, sizeof(*key) };
}

sio_str sio_reply_key(const void *reply)
{
    return str_of(&((const sio_reply *)reply)->key);
}

/* ---- its life ---- */

static void expire(sio_timer *timer);

static int enter(sio_reply *reply, uint32_t timeout_ms)
{
    sio_namespace *nsp = reply->socket->nsp;
    sio_server *server = nsp->server;
    reply->timer.ring = expire;
    if (timeout_ms &&
        sio_timers_set(&server->timeouts, &reply->timer, sio_core_now(server) + timeout_ms))
        return SIO_ENOMEM;
    if (sio_map_insert(&nsp->replies, reply)) {
        sio_timers_cancel(&server->timeouts, &reply->timer);
        return SIO_ENOMEM;
    }
    sio_list_push(&reply->socket->replies, &reply->node);
    reply->socket->reply_count++;
    return 0;
}

static int add(sio_reply **out, sio_socket *socket, uint64_t id, uint32_t timeout_ms,
               sio_reply_cb callback, void *data)
{
    if (socket->reply_count >= socket->nsp->server->limits.max_pending_acks)
        return SIO_ELIMIT;
    sio_reply *reply = sio_mem_zalloc(sizeof(*reply));
    if (!reply)
        return SIO_ENOMEM;
    reply->socket = socket;
    reply->callback = callback;
    reply->data = data;
    reply->key = key_of(socket, id);
    if (enter(reply, timeout_ms)) {
        sio_mem_free(reply);
        return SIO_ENOMEM;
    }
    *out = reply;
    return 0;
}

int sio_reply_new(sio_reply **out, sio_socket *socket, uint32_t timeout_ms, sio_reply_cb callback,
                  void *data)
{
    return add(out, socket, socket->nsp->next_reply++, timeout_ms, callback, data);
}

uint64_t sio_reply_id(const sio_reply *reply)
{
    return reply->key.id;
}

void sio_reply_cancel(sio_reply *reply)
{
    sio_namespace *nsp = reply->socket->nsp;
    sio_timers_cancel(&nsp->server->timeouts, &reply->timer);
    (void)sio_map_remove(&nsp->replies, sio_reply_key(reply));
    sio_list_remove(&reply->node);
    sio_list_remove(&reply->ballot);
    reply->socket->reply_count--;
    sio_mem_free(reply);
}

/* ---- its end ---- */

static void end_vote(sio_reply *reply, int error, const sio_args *args)
{
    static const sio_value none = { .type = SIO_TYPE_UNDEFINED };
    sio_ballot *ballot = reply->data;
    const sio_value *first = sio_args_at(args, 0);
    sio_reply_cancel(reply);
    if (!error)
        ballot->answer(ballot, first ? first : &none);
}

static void end(sio_reply *reply, int error, const sio_args *args)
{
    if (!reply->callback) {
        end_vote(reply, error, args);
        return;
    }
    sio_socket *socket = sio_socket_ref(reply->socket);
    sio_server *server = socket->nsp->server;
    const sio_reply_cb callback = reply->callback;
    void *data = reply->data;
    sio_reply_cancel(reply);
    sio_core_enter(server);
    callback(socket, error, args, data);
    sio_core_leave(server);
    sio_socket_unref(socket);
}

static void end_empty(sio_reply *reply, int error)
{
    const sio_args none = { .array = sio_value_of_array(NULL, 0) };
    end(reply, error, &none);
}

static void expire(sio_timer *timer)
{
    end_empty(SIO_CONTAINER(timer, sio_reply, timer), SIO_ETIMEOUT);
}

void sio_reply_answer(sio_socket *socket, uint64_t id, const sio_args *args)
{
    const struct key key = key_of(socket, id);
    sio_reply *reply = sio_map_get(&socket->nsp->replies, str_of(&key));
    if (reply)
        end(reply, 0, args);
}

void sio_reply_close_all(sio_socket *socket)
{
    while (!sio_list_empty(&socket->replies))
        end_empty(SIO_CONTAINER(socket->replies.next, sio_reply, node), SIO_ECLOSED);
}

/* ---- ballots ---- */

void sio_ballot_init(sio_ballot *ballot, void (*answer)(sio_ballot *ballot, const sio_value *value))
{
    sio_list_init(&ballot->replies);
    ballot->answer = answer;
}

int sio_ballot_add(sio_ballot *ballot, sio_socket *socket, uint64_t id)
{
    sio_reply *reply;
    const int err = add(&reply, socket, id, 0, NULL, ballot);
    if (!err)
        sio_list_push(&ballot->replies, &reply->ballot);
    return err;
}

void sio_ballot_close(sio_ballot *ballot)
{
    while (!sio_list_empty(&ballot->replies))
        sio_reply_cancel(SIO_CONTAINER(ballot->replies.next, sio_reply, ballot));
}
