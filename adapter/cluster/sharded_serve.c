/* What other nodes ask of this one, and the answers that the server gives. */
#include "cluster/sharded.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "cluster/scratch.h"

/* One request that is not answered in full. The namespace may be closed by then. */
typedef struct service {
    sio_duty duty;
    sio_sharded *sharded;
    sio_member_type type;
    char uid[SIO_MEMBER_UID_SIZE]; /* ours */
    sio_str nsp;
    sio_str id;
    sio_str channel;
    char text[];
} service;

/* ---- answers ---- */

static void respond(const service *self, sio_member_message *message)
{
    message->uid = (sio_str){ self->uid, sizeof self->uid };
    message->nsp = self->nsp;
    message->id = self->id;
    if (sio_sharded_publish(self->sharded, self->channel, message) == SIO_ELIMIT)
        sio_warn(&self->sharded->warnings, SIO_WARNING_QUEUE, self->sharded->now,
                 "dropped an answer to another node: it is too long, or too much waits for Redis "
                 "already");
}

static void on_clients(sio_answerer *answerer, uint32_t count)
{
    const service *self = (const service *)answerer;
    sio_member_message message = { .type = SIO_MEMBER_CLIENT_COUNT, .clients = count };
    if (self->duty.list && self->type == SIO_MEMBER_BROADCAST)
        respond(self, &message);
}

static sio_member_type answer_to(sio_member_type question)
{
    return question == SIO_MEMBER_BROADCAST ? SIO_MEMBER_ACK
           : question == SIO_MEMBER_FETCH   ? SIO_MEMBER_FETCHED
                                            : SIO_MEMBER_SERVER_SIDE_ANSWER;
}

static void on_answer(sio_answerer *answerer, const sio_value *value)
{
    const service *self = (const service *)answerer;
    sio_member_message message = { .type = answer_to(self->type),
                                   .value.type = SIO_TYPE_UNDEFINED };
    if (value)
        message.value = *value;
    if (self->duty.list)
        respond(self, &message);
}

static void on_end(sio_answerer *answerer)
{
    service *self = (service *)answerer;
    sio_duties_remove(&self->duty);
    sio_mem_free(self);
}

/* ---- requests ---- */

static sio_str keep(char **at, sio_str text)
{
    sio_str kept = { *at, text.len };
    memcpy(*at, text.data, text.len);
    *at += text.len;
    return kept;
}

static service *service_new(sio_sharded *sharded, const sio_shard *shard,
                            const sio_member_message *message)
{
    sio_buf *channel = &sharded->channel;
    sio_cluster_channel(channel, sio_str_from(sharded->key), shard->name, message->uid);
    service *self =
        channel->err
            ? NULL
            : sio_mem_zalloc(sizeof *self + message->nsp.len + message->id.len + channel->len);
    if (self) {
        char *at = self->text;
        self->nsp = keep(&at, message->nsp);
        self->id = keep(&at, message->id);
        self->channel = keep(&at, sio_buf_str(channel));
    }
    sio_scratch_tidy(channel);
    return self;
}

int sio_sharded_serve(sio_sharded *sharded, const sio_shard *shard,
                      const sio_member_message *message)
{
    if (sharded->duties.count >= SIO_LIMIT_ANSWERERS)
        return SIO_ELIMIT;
    service *self = service_new(sharded, shard, message);
    if (!self)
        return SIO_ENOMEM;
    self->duty.base = (sio_answerer){ on_clients, on_answer, on_end };
    self->sharded = sharded;
    self->type = message->type;
    memcpy(self->uid, shard->uid, sizeof self->uid);
    sio_duties_add(&sharded->duties, &self->duty);
    sio_cluster_request asked = message->asked;
    if (!asked.timeout_ms)
        asked.timeout_ms = sharded->request_timeout_ms;
    sharded->stats.requests++;
    sharded->host.serve(sharded->host.data, &asked, &self->duty.base);
    return 0;
}
