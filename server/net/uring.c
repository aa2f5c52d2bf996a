#include "net/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sio/err.h>

/* What is relied on came with 5.18 at the latest, as did this. */
#define NEEDED (IORING_FEAT_SINGLE_MMAP | IORING_FEAT_LINKED_FILE)

static unsigned load(const unsigned *at)
{
    return atomic_load_explicit((const _Atomic unsigned *)at, memory_order_acquire);
}

static void store(unsigned *at, unsigned value)
{
    atomic_store_explicit((_Atomic unsigned *)at, value, memory_order_release);
}

static unsigned *at_offset(const sio_uring *ring, uint32_t offset)
{
    return (unsigned *)(void *)((char *)ring->rings + offset);
}

static void *map(int fd, size_t size, uint64_t what)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)what);
    return at == MAP_FAILED ? NULL : at;
}

static int map_all(sio_uring *ring, const struct io_uring_params *params)
{
    const size_t sq = params->sq_off.array + params->sq_entries * sizeof(unsigned);
    const size_t cq = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
    ring->rings_size = sq > cq ? sq : cq;
    ring->entries_size = params->sq_entries * sizeof(struct io_uring_sqe);
    ring->rings = map(ring->fd, ring->rings_size, IORING_OFF_SQ_RING);
    ring->entries = map(ring->fd, ring->entries_size, IORING_OFF_SQES);
    if (!ring->rings || !ring->entries)
        return SIO_ESYSTEM;
    ring->sq_head = at_offset(ring, params->sq_off.head);
    ring->sq_tail = at_offset(ring, params->sq_off.tail);
    ring->sq_array = at_offset(ring, params->sq_off.array);
    ring->sq_mask = params->sq_entries - 1;
    ring->cq_head = at_offset(ring, params->cq_off.head);
    ring->cq_tail = at_offset(ring, params->cq_off.tail);
    ring->cq_mask = params->cq_entries - 1;
    ring->completions = (void *)((char *)ring->rings + params->cq_off.cqes);
    return 0;
}

/* Where the process has closed its standard input. */
static int above_zero(int fd)
{
    if (fd != 0)
        return fd;
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, 1);
    close(fd);
    return moved;
}

int sio_uring_open(sio_uring *ring)
{
    struct io_uring_params params = { .flags = IORING_SETUP_SUBMIT_ALL };
    const int fd = above_zero((int)syscall(SYS_io_uring_setup, SIO_LIMIT_VOLLEY, &params));
    if (fd < 0)
        return SIO_ESYSTEM;
    *ring = (sio_uring){ .fd = fd };
    if ((params.features & NEEDED) == NEEDED && map_all(ring, &params) == 0)
        return 0;
    const int number = (params.features & NEEDED) == NEEDED ? errno : ENOSYS;
    sio_uring_close(ring);
    errno = number;
    return SIO_ESYSTEM;
}

void sio_uring_close(sio_uring *ring)
{
    if (ring->rings)
        munmap(ring->rings, ring->rings_size);
    if (ring->entries)
        munmap(ring->entries, ring->entries_size);
    if (ring->fd > 0)
        close(ring->fd);
    *ring = (sio_uring){ 0 };
}

/* Each completion is told by the place of its send. */
static void queue(sio_uring *ring, uint8_t opcode, int fd, const void *data, size_t len)
{
    const unsigned place = (*ring->sq_tail + ring->queued) & ring->sq_mask;
    ring->entries[place] = (struct io_uring_sqe){
        .opcode = opcode,
        .fd = fd,
        .addr = (uintptr_t)data,
        .len = (unsigned)len,
        .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
        .user_data = ring->queued,
    };
    ring->sq_array[place] = place;
    ring->queued++;
}

void sio_uring_send(sio_uring *ring, int fd, const void *data, size_t len)
{
    queue(ring, IORING_OP_SEND, fd, data, len);
}

void sio_uring_recv(sio_uring *ring, int fd, void *data, size_t size)
{
    queue(ring, IORING_OP_RECV, fd, data, size);
}

static unsigned reap(sio_uring *ring, int *results, unsigned count)
{
    const unsigned tail = load(ring->cq_tail);
    unsigned head = *ring->cq_head, found = 0;
    for (; head != tail; head++, found++) {
        const struct io_uring_cqe *one = &ring->completions[head & ring->cq_mask];
        if (one->user_data < count)
            results[one->user_data] = one->res;
    }
    store(ring->cq_head, head);
    return found;
}

/* Sends that do not wait are done when the call returns; it is made again for what a signal or a
 * shortage has kept it from taking. */
int sio_uring_submit(sio_uring *ring, int *results)
{
    const unsigned count = ring->queued;
    unsigned done = 0;
    ring->queued = 0;
    for (unsigned i = 0; i < count; i++)
        results[i] = -ECANCELED;
    store(ring->sq_tail, *ring->sq_tail + count);
    while (done < count) {
        const unsigned left = *ring->sq_tail - load(ring->sq_head);
        const long taken = syscall(SYS_io_uring_enter, ring->fd, left, count - done,
                                   IORING_ENTER_GETEVENTS, NULL, (size_t)0);
        done += reap(ring, results, count);
        if (taken < 0 && errno != EINTR)
            return SIO_ESYSTEM;
    }
    return 0;
}
