/* The descriptors that systemd passes to a process, as sd_listen_fds(3) describes it. */
#ifndef SIO_NET_ACTIVATION_H
#define SIO_NET_ACTIVATION_H

#include <sio/sys/str.h>

typedef struct sio_activation {
    int first;
    int count;         /* 0: none are for this process */
    const char *names; /* one for each, separated by colons; NULL: they have none. Borrowed from the
                          environment */
} sio_activation;

/* Reads the environment. SIO_EPARSE: it makes no sense. */
int sio_activation_read(sio_activation *out);

/* Whether the descriptor at `index` is called so; NULL fits all. */
bool sio_activation_is(const sio_activation *activation, int index, const char *name);

#endif
