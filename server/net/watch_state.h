/* What a server has for those who watch it. */
#ifndef SIO_NET_WATCH_STATE_H
#define SIO_NET_WATCH_STATE_H

#include <uv.h>

#include <sio/metrics.h>

#include "core/list.h"

typedef struct sio_watch {
    sio_list conns; /* in the order in which they came; net->conns has the others */
    uint32_t count; /* of those that are not closing */
    uint16_t port;
    bool reuse_port;
    bool ready_without_redis;
    const char *(*ready)(sio_server *server, void *data);
    uv_timer_t sampler;
    uint64_t due_ns;      /* when it should fire; 0: nothing is measured */
    uint32_t until_probe; /* times that it fires until the next message to this node itself */
    double start_s;       /* of the process; 0: nobody has asked */
    char why[64];         /* not ready */
} sio_watch;

#endif
