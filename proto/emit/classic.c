/* For the classic adapter. */
#include "emit/inside.h"

#include <sio/sys/classic.h>

static void broadcast(sio_dispatch *self, const sio_cluster_request *asked)
{
    const sio_cluster_message message = {
        .uid = SIO_STR(SIO_DISPATCH_UID),
        .nsp = asked->nsp,
        .rooms = asked->rooms,
        .rooms_count = asked->rooms_count,
        .except = asked->except,
        .except_count = asked->except_count,
        .flags = asked->flags,
        .data = asked->data,
    };
    const sio_str room = asked->rooms_count == 1 ? asked->rooms[0] : (sio_str){ NULL, 0 };
    sio_cluster_channel(&self->channel, self->key, asked->nsp, room);
    sio_cluster_message_write(&self->payload, &message, SIO_CLUSTER_EMITTER);
}

/* Nodes would drop what says that it is by them; of the package only server-side emits say by whom
 * they are. */
static sio_str uid_of(const sio_dispatch *self, const sio_cluster_request *asked)
{
    if (self->id.data)
        return self->uid;
    return asked->op == SIO_CLUSTER_SERVER_SIDE_EMIT ? SIO_STR(SIO_DISPATCH_UID)
                                                     : (sio_str){ NULL, 0 };
}

static void request(sio_dispatch *self, const sio_cluster_request *asked)
{
    const sio_classic_request wanted = { .type = sio_classic_type_of(asked->op),
                                         .uid = uid_of(self, asked),
                                         .id = self->id,
                                         .asked = *asked };
    sio_classic_request_channel(&self->channel, self->key, asked->nsp);
    sio_classic_request_write(&self->payload, &wanted);
}

int sio_dispatch_classic(sio_dispatch *self, const sio_cluster_request *asked)
{
    if (asked->op == SIO_CLUSTER_BROADCAST_ACK && !self->id.data)
        broadcast(self, asked);
    else
        request(self, asked);
    sio_dispatch_publish(self, SIO_STR("PUBLISH"));
    return 0;
}

/* Nodes with publishOnSpecificResponseChannel answer on a channel of the uid. */
void sio_dispatch_hear_classic(sio_dispatch *self, sio_str nsp)
{
    sio_classic_response_channel(&self->channel, self->key, nsp, (sio_str){ NULL, 0 });
    const size_t shared = self->channel.len;
    sio_classic_response_channel(&self->channel, self->key, nsp, self->uid);
    const char *both = self->channel.data;
    self->words[0] = SIO_STR("SUBSCRIBE");
    self->words[1] = (sio_str){ both, shared };
    self->words[2] = (sio_str){ both ? both + shared : NULL, self->channel.len - shared };
    self->count = 3;
}
