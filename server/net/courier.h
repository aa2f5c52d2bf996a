/* A unix socket between two processes that keeps messages apart and carries descriptors. */
#ifndef SIO_NET_COURIER_H
#define SIO_NET_COURIER_H

#include "net/letter.h"
#include "net/loop.h"

typedef struct sio_courier sio_courier;

/* A letter has come; the descriptors are moved. NULL: the other process has gone, or says what
 * cannot be understood; close the courier. */
typedef void (*sio_courier_cb)(sio_courier *courier, sio_letter *letter, const int *fds);

struct sio_courier {
    uv_poll_t poll; /* its data is the sio_net */
    int fd;
    bool open;
    bool reading;
    sio_courier_cb callback;
    sio_list queue; /* what the kernel has not taken yet */
    size_t queued;
};

/* On a socket that is moved if it succeeds. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_courier_new(sio_courier **out, sio_net *net, int fd, sio_courier_cb callback);

/* What is queued is lost; freed later. */
void sio_courier_close(sio_courier *courier);

/* Writes a letter, whose parts follow one another, now or when the other process has read more; the
 * descriptors stay the caller's. SIO_ECLOSED: the other process has gone; SIO_ELIMIT: too much
 * waits already; SIO_ENOMEM, SIO_ESYSTEM. */
int sio_courier_send(sio_courier *courier, sio_letter_kind kind, sio_str head, sio_str body,
                     sio_str rest, const int *fds, size_t count);

/* The same on a bare socket, which blocks or not as it is: 0, or an errno. */
int sio_courier_put(int fd, sio_letter_kind kind, sio_str body, const int *fds, size_t count);

/* Reads one letter from a bare socket into `data`, which has SIO_COURIER_ROOM bytes and which the
 * letter borrows from. Its length; 0: the other side has closed; -1: errno says why, EPROTO: it is
 * no letter, or its descriptors did not fit into this process. `fds` has room for
 * SIO_LIMIT_HANDOVER; letter->count or one of them are there. */
#define SIO_COURIER_ROOM (SIO_LETTER_HEADS + SIO_LIMIT_RELAYED)
ssize_t sio_courier_get(int fd, sio_letter *letter, char *data, int *fds, size_t *count);

/* Whether the process at the other end is of this user, or of root. */
bool sio_courier_is_trusted(int fd, int *pid);

#endif
