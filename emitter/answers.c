#include <stddef.h>

#include <sio/sys/classic.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>
#include <sio/sys/member.h>

#include "emitter.h"

struct sio_collector {
    sio_emitter_answers answers; /* first: what the application frees is this */
    sio_emitter_adapter adapter;
    sio_cluster_op op;
    sio_str id;
    bool keep;
    uint32_t answered; /* nodes */
    uint64_t acks;
    size_t bytes;
    sio_arena arena; /* what is kept */
    sio_arena scratch;
    sio_value *items;
    size_t count;
    size_t cap;
    sio_value values;
};

sio_collector *sio_collector_new(sio_emitter_adapter adapter, sio_cluster_op op, sio_str id,
                                 uint32_t nodes, bool keep)
{
    sio_collector *collector = sio_mem_zalloc(sizeof *collector);

    if (!collector)
        return NULL;
    collector->answers.nodes = nodes;
    collector->adapter = adapter;
    collector->op = op;
    collector->id = id;
    collector->keep = keep;
    return collector;
}

static int push(sio_collector *self, const sio_value *value)
{
    if (!self->keep)
        return 0;
    if (self->count == self->cap) {
        size_t cap = self->cap ? self->cap * 2 : 16;
        sio_value *items = sio_mem_realloc(self->items, cap * sizeof *items);

        if (!items)
            return SIO_ENOMEM;
        self->items = items;
        self->cap = cap;
    }
    self->items[self->count++] = *value;
    return 0;
}

/* ---- what is in it, whatever adapter has carried it ---- */

typedef struct answer {
    bool is_count; /* of clients that will acknowledge */
    uint32_t clients;
    sio_value value;
} answer;

/* False: it answers another question, or nothing. */
static bool read_classic(const sio_collector *self, sio_arena *arena, sio_str payload, answer *out,
                         int *err)
{
    sio_value fields;
    sio_str id;
    sio_classic_response response;

    *err = sio_classic_response_find(&fields, &id, arena, payload);
    if (*err || !sio_str_equal(id, self->id))
        return false;
    *err = sio_classic_response_read(&response, &fields, sio_classic_type_of(self->op));
    if (*err)
        return false;
    *out = (answer){ .is_count = response.type == SIO_CLASSIC_CLIENT_COUNT,
                     .clients = response.clients,
                     .value = *response.value };
    return true;
}

static bool belongs(const sio_collector *self, sio_member_type type)
{
    switch (self->op) {
    case SIO_CLUSTER_FETCH_SOCKETS:
        return type == SIO_MEMBER_FETCHED;
    case SIO_CLUSTER_SERVER_SIDE_EMIT:
        return type == SIO_MEMBER_SERVER_SIDE_ANSWER;
    default:
        return type == SIO_MEMBER_CLIENT_COUNT || type == SIO_MEMBER_ACK;
    }
}

static bool read_member(const sio_collector *self, sio_arena *arena, sio_str payload, answer *out,
                        int *err)
{
    sio_member_message message;

    *err = sio_member_read(&message, arena, payload);
    if (*err || !sio_str_equal(message.id, self->id) || !belongs(self, message.type))
        return false;
    *out = (answer){ .is_count = message.type == SIO_MEMBER_CLIENT_COUNT,
                     .clients = message.clients,
                     .value = message.value };
    return true;
}

/* ---- what it means ---- */

static int add_sockets(sio_collector *self, const sio_value *sockets)
{
    const size_t count = sio_value_count(sockets);
    int err = 0;

    self->answered++;
    self->answers.clients += count;
    for (size_t i = 0; i < count && !err; i++)
        err = push(self, sio_value_at(sockets, i));
    return err;
}

static int add(sio_collector *self, const answer *given)
{
    if (self->op == SIO_CLUSTER_FETCH_SOCKETS)
        return add_sockets(self, &given->value);
    if (self->op == SIO_CLUSTER_SERVER_SIDE_EMIT || given->is_count) {
        self->answered++;
        self->answers.clients += given->clients;
    } else {
        self->acks++;
    }
    return given->is_count ? 0 : push(self, &given->value);
}

int sio_collector_take(sio_collector *self, sio_str payload)
{
    sio_arena *arena = self->keep ? &self->arena : &self->scratch;
    answer given;
    int err = 0;

    self->bytes += payload.len;
    if (self->bytes > SIO_LIMIT_ANSWERS)
        return SIO_ELIMIT;
    const char *copy = sio_arena_strndup(arena, payload.data, payload.len);
    if (!copy)
        return SIO_ENOMEM;
    payload.data = copy;
    bool ours = self->adapter == SIO_EMITTER_CLASSIC
                    ? read_classic(self, arena, payload, &given, &err)
                    : read_member(self, arena, payload, &given, &err);
    if (ours)
        err = add(self, &given);
    else if (err != SIO_ENOMEM)
        err = 0; /* channels are open to all */
    sio_arena_reset(&self->scratch);
    return err;
}

bool sio_collector_is_complete(const sio_collector *self)
{
    return self->answered >= self->answers.nodes &&
           (self->op != SIO_CLUSTER_BROADCAST_ACK || self->acks >= self->answers.clients);
}

sio_emitter_answers *sio_collector_end(sio_collector *self)
{
    const uint32_t nodes = self->answers.nodes;

    self->answers.missing_nodes = self->answered < nodes ? nodes - self->answered : 0;
    self->values = sio_value_of_array(self->items, self->count);
    self->answers.values = &self->values;
    sio_arena_free(&self->scratch);
    return &self->answers;
}

void sio_emitter_answers_free(sio_emitter_answers *answers)
{
    sio_collector *self = (sio_collector *)answers;

    if (!self)
        return;
    sio_arena_free(&self->arena);
    sio_arena_free(&self->scratch);
    sio_mem_free(self->items);
    sio_mem_free(self);
}
