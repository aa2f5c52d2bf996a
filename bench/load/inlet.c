#include "load/inlet.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "load/client.h"

#define LEAST_NS UINT64_C(50000)
#define MOST_NS  UINT64_C(5000000)
#define REST_NS  UINT64_C(1000000) /* at least, when nothing comes */
#define PATIENT  40                /* looks in vain before that */
#define EVENTS   1024

static uv_os_fd_t fd_of(const bench_client *client)
{
    uv_os_fd_t fd = -1;

    (void)uv_fileno((const uv_handle_t *)&client->tcp, &fd);
    return fd;
}

/* ---- when it came ---- */

static int64_t ns_of(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

/* The kernel stamps what comes by the clock of the wall; this much is to be taken off. */
static int64_t wall_offset(void)
{
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    return ns_of(&wall) - (int64_t)uv_hrtime();
}

/* That of the last packet, when several are read at once. */
static uint64_t arrival(struct msghdr *message, int64_t offset)
{
    struct timespec when;

    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) {
            memcpy(&when, CMSG_DATA(part), sizeof when);
            return (uint64_t)(ns_of(&when) - offset);
        }
    return uv_hrtime();
}

/* ---- reading ---- */

static ssize_t receive(const bench_inlet *inlet, bench_client *client, int64_t offset)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec part = { .iov_base = inlet->buffer, .iov_len = BENCH_READ_BUFFER };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes };
    ssize_t count = recvmsg(fd_of(client), &message, MSG_DONTWAIT);

    if (count < 0 && errno == EAGAIN)
        return 0;
    if (count <= 0)
        count = count < 0 ? uv_translate_sys_error(errno) : UV_EOF;
    bench_client_take(client, inlet->buffer, count, arrival(&message, offset));
    return count;
}

/* What does not fill the buffer was all; what comes then is another event. */
static void receive_all(const bench_inlet *inlet, bench_client *client, int64_t offset)
{
    while (client->state != BENCH_CLIENT_CLOSED &&
           receive(inlet, client, offset) == BENCH_READ_BUFFER)
        ;
}

static void look(bench_inlet *inlet)
{
    struct epoll_event ready[EVENTS];
    const int64_t offset = wall_offset();
    int count = EVENTS;

    inlet->vain++;
    while (count == EVENTS) {
        count = epoll_wait(inlet->epoll, ready, EVENTS, 0);
        if (count > 0)
            inlet->vain = 0;
        for (int i = 0; i < count; i++)
            receive_all(inlet, ready[i].data.ptr, offset);
    }
}

/* Set anew, a timer that has gone off is no longer readable. */
static int arm(const bench_inlet *inlet)
{
    const bool rests = inlet->vain > PATIENT && inlet->step < REST_NS;
    const struct itimerspec next = { .it_value.tv_nsec = (long)(rests ? REST_NS : inlet->step) };

    return timerfd_settime(inlet->timer, 0, &next, NULL) ? uv_translate_sys_error(errno) : 0;
}

static void on_step(uv_poll_t *poll, int status, int events)
{
    bench_inlet *inlet = poll->data;

    (void)status, (void)events;
    look(inlet);
    (void)arm(inlet);
}

void bench_inlet_expect(bench_inlet *inlet)
{
    inlet->vain = 0;
    (void)arm(inlet);
}

void bench_inlet_calm(bench_inlet *inlet, uint64_t step)
{
    inlet->step = step < LEAST_NS ? LEAST_NS : step > MOST_NS ? MOST_NS : step;
}

int bench_inlet_add(const bench_inlet *inlet, bench_client *client)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = client };
    const int fd = fd_of(client), on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) ||
        epoll_ctl(inlet->epoll, EPOLL_CTL_ADD, fd, &event))
        return uv_translate_sys_error(errno);
    return 0;
}

/* ---- begin and end ---- */

int bench_inlet_open(bench_inlet *inlet, uv_loop_t *loop, char *buffer)
{
    *inlet = (bench_inlet){ .step = LEAST_NS, .buffer = buffer };
    inlet->epoll = epoll_create1(EPOLL_CLOEXEC);
    inlet->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (inlet->epoll < 0 || inlet->timer < 0)
        return uv_translate_sys_error(errno);
    int err = uv_poll_init(loop, &inlet->poll, inlet->timer);
    if (err)
        return err;
    inlet->poll.data = inlet;
    err = arm(inlet);
    return err ? err : uv_poll_start(&inlet->poll, UV_READABLE, on_step);
}

void bench_inlet_close(bench_inlet *inlet)
{
    if (inlet->poll.data)
        uv_close((uv_handle_t *)&inlet->poll, NULL);
}

void bench_inlet_free(const bench_inlet *inlet)
{
    if (inlet->epoll > 0)
        (void)close(inlet->epoll);
    if (inlet->timer > 0)
        (void)close(inlet->timer);
}
