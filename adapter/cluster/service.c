/* What other nodes ask of this one, and the answers that the server gives. */
#include "cluster/inside.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* One request that is not answered in full. */
typedef struct service {
    sio_duty duty;
    sio_classic *classic;
    sio_classic_type type;
    sio_str id;
    sio_str channel;
    char text[];
} service;

/* ---- answers ---- */

static void respond(sio_classic *classic, sio_str channel, const sio_classic_response *response)
{
    sio_classic_response_write(&classic->payload, response);
    sio_hearing_answer(classic, channel, &classic->payload);
    sio_scratch_tidy(&classic->payload);
}

static void on_clients(sio_answerer *answerer, uint32_t count)
{
    const service *self = (const service *)answerer;
    const sio_classic_response response = { .type = SIO_CLASSIC_CLIENT_COUNT,
                                            .id = self->id,
                                            .clients = count };
    if (self->duty.list && self->type == SIO_CLASSIC_BROADCAST)
        respond(self->classic, self->channel, &response);
}

/* The ids of fetched sockets, as the oldest form of the question wants. */
static int ids_of(sio_arena *arena, sio_value *out, const sio_value *sockets)
{
    size_t count = sio_value_count(sockets);
    sio_value *ids = sio_arena_alloc(arena, (count ? count : 1) * sizeof *ids);
    if (!ids)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const sio_value *id = sio_value_get(sio_value_at(sockets, i), "id");
        ids[i] = id ? *id : sio_value_null();
    }
    *out = sio_value_of_array(ids, count);
    return 0;
}

static void answer_ids(const service *self, const sio_value *sockets)
{
    sio_arena arena = { 0 };
    sio_value ids;
    const sio_classic_response response = { .type = self->type, .id = self->id, .value = &ids };
    if (!ids_of(&arena, &ids, sockets))
        respond(self->classic, self->channel, &response);
    sio_arena_free(&arena);
}

static void on_answer(sio_answerer *answerer, const sio_value *value)
{
    const service *self = (const service *)answerer;
    const sio_classic_response response = {
        .type = self->type == SIO_CLASSIC_BROADCAST ? SIO_CLASSIC_ACK : self->type,
        .id = self->id,
        .value = value,
    };
    if (!self->duty.list)
        return;
    if (self->type == SIO_CLASSIC_SOCKETS)
        answer_ids(self, value);
    else
        respond(self->classic, self->channel, &response);
}

static void on_end(sio_answerer *answerer)
{
    service *self = (service *)answerer;
    sio_duties_remove(&self->duty);
    sio_mem_free(self);
}

/* ---- requests ---- */

/* Where the answer is heard: with the option by the node that asked alone, where it says who it is;
 * those to server-side emits by all, as they are in the reference. */
static int write_channel(const sio_classic *classic, const sio_space *space,
                         const sio_classic_request *request, sio_buf *out)
{
    bool specific = classic->specific && request->type != SIO_CLASSIC_SERVER_SIDE_EMIT;
    sio_classic_response_channel(out, sio_classic_key(classic), space->name,
                                 specific ? request->uid : (sio_str){ NULL, 0 });
    return out->err;
}

static service *service_new(sio_classic *classic, const sio_classic_request *request,
                            sio_str channel)
{
    service *self = sio_mem_zalloc(sizeof *self + channel.len + request->id.len);
    if (!self)
        return NULL;
    memcpy(self->text, channel.data, channel.len);
    memcpy(self->text + channel.len, request->id.data, request->id.len);
    self->duty.base = (sio_answerer){ on_clients, on_answer, on_end };
    self->classic = classic;
    self->type = request->type;
    self->channel = (sio_str){ self->text, channel.len };
    self->id = (sio_str){ self->text + channel.len, request->id.len };
    sio_duties_add(&classic->duties, &self->duty);
    return self;
}

/* Whether one of our clients, or of our applications, has something to say to it. */
static bool is_question(const sio_classic_request *request)
{
    return request->id.data &&
           (request->type < SIO_CLASSIC_JOIN || request->type > SIO_CLASSIC_DISCONNECT);
}

static int ask(sio_classic *classic, const sio_classic_request *request, sio_str channel)
{
    if (classic->duties.count >= SIO_LIMIT_ANSWERERS)
        return SIO_ELIMIT;
    service *self = service_new(classic, request, channel);
    if (!self)
        return SIO_ENOMEM;
    classic->host.serve(classic->host.data, &request->asked, &self->duty.base);
    return 0;
}

/* The older forms, which the one node answers that has the socket. */
static void order(sio_classic *classic, const sio_classic_request *request, sio_str channel)
{
    const sio_classic_response done = { .type = request->type, .id = request->id };
    classic->host.serve(classic->host.data, &request->asked, NULL);
    if (request->single && request->id.data && !classic->stopped)
        respond(classic, channel, &done);
}

/* The namespace may close meanwhile, so its name is not what the server gets. */
static int serve(sio_classic *classic, const sio_space *space, sio_classic_request *request)
{
    sio_buf channel = { 0 };
    int err = write_channel(classic, space, request, &channel);
    const char *name = sio_arena_strndup(&classic->arena, space->name.data, space->name.len);
    request->asked.nsp = (sio_str){ name, space->name.len };
    if (!request->asked.timeout_ms && is_question(request))
        request->asked.timeout_ms = classic->request_timeout_ms;
    if (!name)
        err = SIO_ENOMEM;
    else if (!err && is_question(request))
        err = ask(classic, request, sio_buf_str(&channel));
    else if (!err)
        order(classic, request, sio_buf_str(&channel));
    sio_buf_free(&channel);
    return err;
}

static bool is_for_us(const sio_classic *classic, const sio_space *space,
                      const sio_classic_request *request)
{
    const sio_cluster_request *asked = &request->asked;
    if (asked->nsp.data && !sio_str_equal(asked->nsp, space->name))
        return false;
    return !request->single ||
           classic->host.has_room(classic->host.data, space->name, asked->rooms[0]);
}

void sio_classic_serve(sio_classic *classic, const sio_space *space, sio_str channel,
                       sio_str payload)
{
    sio_classic_request request;
    uint64_t *counter = &classic->stats.requests;
    int err = sio_classic_request_read(&request, &classic->arena, payload);
    if (!err && sio_str_equal(request.uid, sio_space_uid(space)))
        counter = &classic->stats.own;
    else if (!err && !is_for_us(classic, space, &request))
        counter = &classic->stats.elsewhere;
    else if (!err)
        err = serve(classic, space, &request);
    if (err)
        sio_classic_drop(classic, err, channel);
    else
        ++*counter;
}
