/* A namespace as the classic adapter has it: its names in Redis. */
#ifndef SIO_CLUSTER_SPACE_H
#define SIO_CLUSTER_SPACE_H

#include <sio/sys/adapter.h>

typedef struct sio_space {
    sio_str name;
    sio_str pattern;
    sio_str request;  /* channel of requests, by whose subscribers nodes are counted */
    sio_str response; /* of responses, to whom they concern */
    sio_str own;      /* of responses to this node */
    bool listed;      /* its channel and those of its rooms are subscribed to, or are about to be */
    bool exact;       /* what comes by them is taken, and what comes by the pattern is not */
    char uid[SIO_CLUSTER_UID_SIZE];
    char text[]; /* what the names point to */
} sio_space;

static inline sio_str sio_space_uid(const sio_space *space)
{
    return (sio_str){ space->uid, SIO_CLUSTER_UID_SIZE };
}

/* Characters of A-Za-z0-9-_, as uids and ids of requests have. */
void sio_space_random(const sio_adapter_host *host, char out[SIO_CLUSTER_UID_SIZE]);

/* A new one with a uid of its own; NULL: SIO_ENOMEM. Freed by sio_mem_free. */
sio_space *sio_space_new(const sio_adapter_host *host, sio_str key, sio_str name);

#endif
