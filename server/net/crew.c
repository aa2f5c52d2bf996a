#include "net/crew.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <uv.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

/* Sends that one thread takes at a time: some 100 us, which is what it takes to wake another. */
#define PART 32

struct sio_crew {
    uv_mutex_t lock; /* of all below */
    uv_cond_t begin; /* there is something to be sent, or it is over */
    uv_cond_t end;   /* nobody has anything in hand */
    const sio_send *sends;
    int *results;
    unsigned count; /* of what is to be sent */
    unsigned next;  /* of these, which nobody has taken yet */
    unsigned busy;  /* threads that have a part in hand */
    unsigned threads;
    bool by_ring;
    bool over;
    uv_thread_t members[];
};

/* ---- a part ---- */

static int send_alone(const sio_send *one)
{
    ssize_t sent;
    do
        sent = send(one->fd, one->bytes.data, one->bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return (int)sent;
    return errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
}

static int send_part(sio_uring *ring, const sio_send *sends, unsigned count, int *results)
{
    if (ring->fd > 0) {
        for (unsigned i = 0; i < count; i++)
            sio_uring_send(ring, sends[i].fd, sends[i].bytes.data, sends[i].bytes.len);
        return sio_uring_submit(ring, results);
    }
    for (unsigned i = 0; i < count; i++)
        results[i] = send_alone(&sends[i]);
    return 0;
}

/* With the lock held, which is given up meanwhile. */
static int take_part(sio_crew *crew, sio_uring *ring)
{
    const unsigned left = crew->count - crew->next, count = left < PART ? left : PART;
    const sio_send *sends = crew->sends + crew->next;
    int *results = crew->results + crew->next;
    crew->next += count;
    crew->busy++;
    uv_mutex_unlock(&crew->lock);
    const int err = send_part(ring, sends, count, results), number = errno;
    uv_mutex_lock(&crew->lock);
    if (--crew->busy == 0)
        uv_cond_signal(&crew->end);
    errno = number;
    return err;
}

int sio_crew_send(sio_crew *crew, sio_uring *ring, const sio_send *sends, unsigned count,
                  int *results)
{
    int err = 0, number = 0;
    uv_mutex_lock(&crew->lock);
    crew->sends = sends;
    crew->results = results;
    crew->count = count;
    crew->next = 0;
    uv_cond_broadcast(&crew->begin);
    while (!err && crew->next < crew->count) {
        err = take_part(crew, ring);
        number = errno;
    }
    for (; crew->next < crew->count; crew->next++)
        results[crew->next] = -ECANCELED;
    while (crew->busy > 0)
        uv_cond_wait(&crew->end, &crew->lock);
    uv_mutex_unlock(&crew->lock);
    errno = number;
    return err;
}

/* ---- a thread ---- */

static void help(void *data)
{
    sio_crew *crew = data;
    sio_uring ring = { 0 };
    if (crew->by_ring && sio_uring_open(&ring))
        ring.fd = 0;
    uv_mutex_lock(&crew->lock);
    while (!crew->over) {
        if (crew->next == crew->count)
            uv_cond_wait(&crew->begin, &crew->lock);
        else if (take_part(crew, &ring))
            sio_uring_close(&ring);
    }
    uv_mutex_unlock(&crew->lock);
    sio_uring_close(&ring);
}

/* Signals are the application's threads' to take. */
static int start(sio_crew *crew, unsigned threads)
{
    sigset_t all, before;
    int err = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (!err && crew->threads < threads) {
        err = uv_thread_create(&crew->members[crew->threads], help, crew);
        crew->threads += !err;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err ? SIO_ESYSTEM : 0;
}

/* ---- all of them ---- */

/* Undoes what it has begun. */
static int make_locks(sio_crew *crew)
{
    if (uv_mutex_init(&crew->lock))
        return SIO_ESYSTEM;
    if (!uv_cond_init(&crew->begin)) {
        if (!uv_cond_init(&crew->end))
            return 0;
        uv_cond_destroy(&crew->begin);
    }
    uv_mutex_destroy(&crew->lock);
    return SIO_ESYSTEM;
}

int sio_crew_new(sio_crew **out, unsigned threads, bool by_ring)
{
    sio_crew *crew = sio_mem_zalloc(sizeof(*crew) + threads * sizeof(crew->members[0]));
    if (!crew)
        return SIO_ENOMEM;
    if (make_locks(crew)) {
        sio_mem_free(crew);
        return SIO_ESYSTEM;
    }
    crew->by_ring = by_ring;
    const int err = start(crew, threads);
    if (err)
        sio_crew_free(crew);
    else
        *out = crew;
    return err;
}

void sio_crew_free(sio_crew *crew)
{
    if (!crew)
        return;
    uv_mutex_lock(&crew->lock);
    crew->over = true;
    uv_cond_broadcast(&crew->begin);
    uv_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->threads; i++)
        uv_thread_join(&crew->members[i]);
    uv_cond_destroy(&crew->end);
    uv_cond_destroy(&crew->begin);
    uv_mutex_destroy(&crew->lock);
    sio_mem_free(crew);
}
