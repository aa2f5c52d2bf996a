/* What comes before TLS where a balancer of TCP passes it through: a header of the PROXY protocol,
 * which says where a connection comes from. */
#ifndef SIO_TLS_PREFACE_H
#define SIO_TLS_PREFACE_H

#include <uv.h>

#include "session.h"

/* Connections that have not sent theirs yet. They count among the owner's unopened ones. */
typedef struct sio_tls_prefaces {
    sio_tls_owner *owner;
    uint32_t ms; /* for each */
    /* One is complete: the descriptor is moved. */
    void (*done)(struct sio_tls_prefaces *all, int fd, const sio_origin *named);
    void (*gone)(struct sio_tls_prefaces *all); /* after sio_tls_prefaces_end */
    struct sio_tls_preface *first;
    size_t count; /* with those whose handles are being closed */
    bool ending;
} sio_tls_prefaces;

/* On success the descriptor is moved. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_tls_preface_await(sio_tls_prefaces *all, uv_loop_t *loop, int fd);

/* Closes all, and calls `gone` when nothing of them is left, now or later. */
void sio_tls_prefaces_end(sio_tls_prefaces *all);

#endif
