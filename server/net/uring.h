/*
 * A ring of io_uring: many sends, or reads, by one call of the kernel, made without waiting for
 * any. By its system calls alone, since that is all it takes.
 */
#ifndef SIO_NET_URING_H
#define SIO_NET_URING_H

#include <stddef.h>
#include <stdint.h>

#include <sio/sys/limits.h>

/* Zeroed memory is a ring that is not open. */
typedef struct sio_uring {
    int fd; /* 0: not open */
    void *rings;
    size_t rings_size;
    struct io_uring_sqe *entries;
    size_t entries_size;
    unsigned *sq_head, *sq_tail, *sq_array;
    unsigned sq_mask;
    unsigned *cq_head, *cq_tail;
    unsigned cq_mask;
    struct io_uring_cqe *completions;
    unsigned queued;
} sio_uring;

/* Opens it, with SIO_LIMIT_VOLLEY places. SIO_ESYSTEM: the kernel is older than 5.18, or does not
 * let us; errno says why. */
int sio_uring_open(sio_uring *ring);
void sio_uring_close(sio_uring *ring);

/* Queues one send, which will not wait; at most SIO_LIMIT_VOLLEY between two submits. The bytes
 * stay where they are until then. */
void sio_uring_send(sio_uring *ring, int fd, const void *data, size_t len);

/* The same for what has come, if something has. */
void sio_uring_recv(sio_uring *ring, int fd, void *data, size_t size);

/* Makes them all, in order. `results`, one for each, are set to what was sent or a negative errno;
 * -ECANCELED where it was not tried. SIO_ESYSTEM: the ring is of no more use. */
int sio_uring_submit(sio_uring *ring, int *results);

#endif
