/* What the files of a dispatch share. */
#ifndef SIO_EMIT_INSIDE_H
#define SIO_EMIT_INSIDE_H

#include <sio/sys/dispatch.h>

#define SIO_DISPATCH_UID "emitter"

/* Each makes the command of one adapter. SIO_ENOMEM; channel and payload keep their own errors. */
int sio_dispatch_classic(sio_dispatch *self, const sio_cluster_request *asked);
int sio_dispatch_sharded(sio_dispatch *self, const sio_cluster_request *asked);
int sio_dispatch_streams(sio_dispatch *self, const sio_cluster_request *asked);

void sio_dispatch_hear_classic(sio_dispatch *self, sio_str nsp);
void sio_dispatch_hear_member(sio_dispatch *self, sio_str nsp);

/* The payload, to the channel, by PUBLISH or SPUBLISH. */
void sio_dispatch_publish(sio_dispatch *self, sio_str verb);

sio_str sio_dispatch_channel(const sio_dispatch *self);

#endif
