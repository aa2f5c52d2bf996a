#include "core/passage.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/args.h"
#include "core/extras.h"
#include "core/namespace.h"
#include "core/next.h"

typedef struct passage {
    sio_list node; /* in the socket's `held`, while it waits */
    struct turn *turn;
    sio_socket *socket; /* shared */
    sio_ack *ack;       /* shared */
    sio_value data;     /* borrowed, until there is a copy */
    sio_value *copy;
    size_t bytes; /* what the copy takes */
    sio_taps *levels[SIO_TAPS_LEVELS];
    const sio_handler *last[SIO_TAPS_LEVELS]; /* middlewares that were there at its start */
    const sio_handler *at;                    /* the one that has been called */
    int count;
    int level;
    bool inside; /* a middleware is running */
    bool passed;
    bool refused;
} passage;

/* What a middleware has to answer. */
struct turn {
    sio_next next; /* first */
    passage *of;   /* NULL: nobody wants to know any more */
};

static struct turn *turn_of(sio_next *next)
{
    return (struct turn *)(void *)next;
}

static void passage_free(passage *self)
{
    if (self->turn)
        self->turn->of = NULL;
    sio_list_remove(&self->node);
    if (self->copy)
        self->socket->extras->held_bytes -= self->bytes;
    sio_value_free(self->copy);
    sio_ack_unref(self->ack);
    sio_socket_unref(self->socket);
    sio_mem_free(self);
}

/* ---- waiting ---- */

/* Keeps what was borrowed. */
static int hold(passage *self)
{
    struct sio_socket_extras *extras = sio_extras_need(self->socket);
    if (!extras)
        return SIO_ENOMEM;
    if (!self->copy) {
        const size_t bytes = sizeof(*self) + sio_value_clone_size(&self->data);
        if (bytes > SIO_LIMIT_HELD - extras->held_bytes)
            return SIO_ELIMIT;
        const int err = sio_value_copy(&self->copy, &self->data);
        if (err)
            return err;
        self->data = *self->copy; /* NOLINT(clang-analyzer-core.NullDereference): set with 0 */
        self->bytes = bytes;
        extras->held_bytes += bytes;
    }
    sio_list_push(&extras->held, &self->node);
    return 0;
}

void sio_passage_forget(sio_socket *socket)
{
    sio_list *node;
    while ((node = sio_list_pop(&socket->extras->held)))
        passage_free(SIO_CONTAINER(node, passage, node));
}

/* ---- asking ---- */

static const sio_next_ops turn_ops;

static struct turn *turn_new(passage *self)
{
    struct turn *turn = sio_mem_zalloc(sizeof(*turn));
    if (!turn)
        return NULL;
    turn->of = self;
    self->turn = turn;
    sio_next_init(&turn->next, self->socket->nsp->server, &turn_ops);
    return turn;
}

static const sio_handler *next_filter(passage *self)
{
    for (; self->level < self->count; self->level++, self->at = NULL) {
        const sio_handler *last = self->last[self->level];
        if (!last || self->at == last)
            continue;
        return self->at = self->at ? self->at->next : self->levels[self->level]->filters.first;
    }
    return NULL;
}

static int ask(passage *self, const sio_handler *filter)
{
    char number[SIO_TAPS_NUMBER];
    const char *event = sio_taps_event(&self->data, number).data;
    const sio_args args = sio_args_from(&self->data, 1);
    struct turn *turn = turn_new(self);
    if (!turn)
        return SIO_ENOMEM;
    self->passed = false;
    self->inside = true;
    ((sio_packet_cb)filter->call)(self->socket, event, &args, &turn->next, filter->data);
    self->inside = false;
    return 0;
}

static void fail(passage *self, int err)
{
    if (self->socket->client)
        sio_client_fail(self->socket->client, err == SIO_ELIMIT
                                                  ? "middlewares hold too much of what it sent"
                                                  : "out of memory");
    passage_free(self);
}

/* On to the next middleware, as long as they answer at once, and to the handlers. */
static void go(passage *self)
{
    const sio_handler *filter;
    int err = 0;
    while (sio_socket_connected(self->socket) && (filter = next_filter(self))) {
        if ((err = ask(self, filter)))
            break;
        if (self->passed)
            continue;
        if (self->refused || !sio_socket_connected(self->socket))
            break;
        if ((err = hold(self)))
            break;
        return;
    }
    if (err) {
        fail(self, err);
        return;
    }
    if (!self->refused)
        sio_socket_dispatch(self->socket, &self->data, self->ack);
    passage_free(self);
}

void sio_passage_start(sio_socket *socket, const sio_value *data, sio_ack *ack)
{
    passage *self = sio_mem_zalloc(sizeof(*self));
    if (!self) {
        sio_client_fail(socket->client, "out of memory");
        return;
    }
    self->socket = sio_socket_ref(socket);
    self->ack = sio_ack_ref(ack);
    self->data = *data;
    self->count = sio_taps_of(socket, self->levels);
    for (int i = 0; i < self->count; i++)
        self->last[i] = self->levels[i]->filters.last;
    go(self);
}

/* ---- answers ---- */

static void turn_pass(sio_next *next)
{
    passage *self = turn_of(next)->of;
    if (!self)
        return;
    turn_of(next)->of = NULL;
    self->turn = NULL;
    self->passed = true;
    if (self->inside)
        return;
    sio_server *server = next->server;
    sio_list_remove(&self->node);
    sio_core_enter(server);
    go(self);
    sio_core_leave(server);
}

static void turn_refuse(sio_next *next, const char *message, const sio_value *data)
{
    passage *self = turn_of(next)->of;
    if (!self)
        return;
    turn_of(next)->of = NULL;
    self->turn = NULL;
    self->refused = true;
    sio_socket *socket = sio_socket_ref(self->socket);
    if (!self->inside)
        passage_free(self);
    if (sio_socket_connected(socket))
        sio_taps_error(socket, message, data);
    sio_socket_unref(socket);
}

static void turn_drop(sio_next *next)
{
    struct turn *turn = turn_of(next);
    if (turn->of)
        turn->of->turn = NULL;
    sio_mem_free(turn);
}

static const sio_next_ops turn_ops = { turn_pass, turn_refuse, turn_drop };
