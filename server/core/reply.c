#include "core/reply.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/namespace.h"

struct sio_reply {
    sio_list node; /* in socket->replies; the socket outlives it */
    sio_timer timer;
    sio_socket *socket;
    sio_reply_cb callback;
    void *data;
    uint64_t id;
};

static sio_str key_of(const uint64_t *id)
{
    return (sio_str){ (const char *)id, sizeof(*id) };
}

sio_str sio_reply_key(const void *reply)
{
    return key_of(&((const sio_reply *)reply)->id);
}

static int enter(sio_reply *reply, uint32_t timeout_ms)
{
    sio_namespace *nsp = reply->socket->nsp;
    sio_server *server = nsp->server;
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

int sio_reply_new(sio_reply **out, sio_socket *socket, uint32_t timeout_ms, sio_reply_cb callback,
                  void *data)
{
    if (socket->reply_count >= SIO_LIMIT_PENDING_ACKS)
        return SIO_ELIMIT;
    sio_reply *reply = sio_mem_zalloc(sizeof(*reply));
    if (!reply)
        return SIO_ENOMEM;
    reply->socket = socket;
    reply->callback = callback;
    reply->data = data;
    reply->id = socket->nsp->next_reply++;
    if (enter(reply, timeout_ms)) {
        sio_mem_free(reply);
        return SIO_ENOMEM;
    }
    *out = reply;
    return 0;
}

uint64_t sio_reply_id(const sio_reply *reply)
{
    return reply->id;
}

void sio_reply_cancel(sio_reply *reply)
{
    sio_namespace *nsp = reply->socket->nsp;
    sio_timers_cancel(&nsp->server->timeouts, &reply->timer);
    (void)sio_map_remove(&nsp->replies, key_of(&reply->id));
    sio_list_remove(&reply->node);
    reply->socket->reply_count--;
    sio_mem_free(reply);
}

static void end(sio_reply *reply, int error, const sio_args *args)
{
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

void sio_reply_answer(sio_socket *socket, uint64_t id, const sio_args *args)
{
    sio_reply *reply = sio_map_get(&socket->nsp->replies, key_of(&id));
    if (reply && reply->socket == socket)
        end(reply, 0, args);
}

void sio_reply_close_all(sio_socket *socket)
{
    while (!sio_list_empty(&socket->replies))
        end_empty(SIO_CONTAINER(socket->replies.next, sio_reply, node), SIO_ECLOSED);
}

void sio_reply_expire(sio_server *server)
{
    sio_timer *timer;
    while ((timer = sio_timers_pop(&server->timeouts, server->now)))
        end_empty(SIO_CONTAINER(timer, sio_reply, timer), SIO_ETIMEOUT);
}
