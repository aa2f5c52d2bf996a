/*
 * What the adapters without a link have in common, for those who carry any of them. `part` is the
 * sio_classic or the sio_sharded, and each function is the one of that name there.
 */
#ifndef SIO_CLUSTER_PROTOCOL_H
#define SIO_CLUSTER_PROTOCOL_H

#include <sio/sys/adapter.h>

#include "cluster/inquiries.h"

typedef struct sio_protocol {
    void (*stop)(void *part);
    void (*free)(void *part);
    int (*open)(void *part, sio_str nsp);
    void (*close)(void *part, sio_str nsp);

    int (*broadcast)(void *part, const sio_cluster_message *message);
    int (*tell)(void *part, const sio_cluster_request *request);
    int (*ask)(void *part, const sio_cluster_request *request, sio_asker *asker);
    void (*forget)(void *part, const sio_asker *asker);
    void (*room)(void *part, sio_str nsp, sio_str room, bool present, uint64_t now);
    sio_str (*own)(const void *part);
    void (*stats)(const void *part, sio_cluster_stats *out); /* its channels too */

    void (*ready)(void *part, bool ready, uint64_t now);
    void (*counted)(void *part, sio_inquiry *inquiry, int err, uint64_t subscribers);
} sio_protocol;

extern const sio_protocol sio_classic_protocol;
extern const sio_protocol sio_sharded_protocol;

#endif
