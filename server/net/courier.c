#include "net/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

/* A letter that waits. */
typedef struct sio_parcel {
    sio_list node;
    size_t len;
    int fd; /* -1: none */
    char data[];
} sio_parcel;

typedef union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(SIO_LIMIT_HANDOVER * sizeof(int))];
} control;

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

/* ---- bare sockets ---- */

static int put(int fd, struct iovec *parts, size_t part_count, const int *fds, size_t count)
{
    control space;
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = part_count };
    if (count > 0) {
        memset(&space, 0, sizeof(space));
        message.msg_control = space.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    }
    while (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static struct iovec part_of(const void *data, size_t len)
{
    return (struct iovec){ .iov_base = (void *)(uintptr_t)data, .iov_len = len };
}

int sio_courier_put(int fd, sio_letter_kind kind, sio_str body, const int *fds, size_t count)
{
    const sio_letter_head head = sio_letter_begin(kind);
    struct iovec parts[2] = { part_of(&head, sizeof(head)), part_of(body.data, body.len) };
    return put(fd, parts, body.len ? 2 : 1, fds, count);
}

static size_t take_descriptors(struct msghdr *message, int *fds)
{
    size_t count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        const size_t more = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds + count, CMSG_DATA(header), more * sizeof(int));
        count += more;
    }
    return count;
}

ssize_t sio_courier_get(int fd, sio_letter *letter, char *data, int *fds, size_t *count)
{
    control space;
    struct iovec part = part_of(data, SIO_COURIER_ROOM);
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = space.bytes,
                              .msg_controllen = sizeof(space.bytes) };
    ssize_t len;
    while ((len = recvmsg(fd, &message, MSG_CMSG_CLOEXEC)) < 0 &&
           (errno == EINTR || errno == ECONNRESET)) /* said once; what was written before follows */
        ;
    *count = 0;
    if (len <= 0)
        return len;
    *count = take_descriptors(&message, fds);
    if (!(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
        sio_letter_read(letter, data, (size_t)len, *count) == 0)
        return len;
    close_all(fds, *count);
    errno = EPROTO;
    return -1;
}

bool sio_courier_is_trusted(int fd, int *pid)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
        return false;
    *pid = (int)peer.pid;
    return peer.uid == 0 || peer.uid == geteuid();
}

/* ---- on the loop ---- */

static void watch(sio_courier *courier);

static void on_readable(sio_courier *courier)
{
    int fds[SIO_LIMIT_HANDOVER];
    size_t count;
    char *data = sio_mem_alloc(SIO_COURIER_ROOM);
    sio_letter *letter = sio_mem_alloc(sizeof(*letter));
    ssize_t len = -1;
    if (!data || !letter)
        errno = ENOMEM;
    else
        len = sio_courier_get(courier->fd, letter, data, fds, &count);
    if (len > 0)
        courier->callback(courier, letter, fds);
    else if (len == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        courier->callback(courier, NULL, NULL);
    sio_mem_free(letter);
    sio_mem_free(data);
}

static void parcel_free(sio_courier *courier, sio_parcel *parcel)
{
    sio_list_remove(&parcel->node);
    courier->queued -= parcel->len;
    if (parcel->fd >= 0)
        close(parcel->fd);
    sio_mem_free(parcel);
}

/* What cannot be written is lost with the connection: the reader's side says so. */
static void on_writable(sio_courier *courier)
{
    while (!sio_list_empty(&courier->queue)) {
        sio_parcel *parcel = SIO_CONTAINER(courier->queue.next, sio_parcel, node);
        struct iovec part = part_of(parcel->data, parcel->len);
        const int number = put(courier->fd, &part, 1, &parcel->fd, parcel->fd >= 0);
        if (number == EAGAIN || number == ETOOMANYREFS)
            return;
        parcel_free(courier, parcel);
    }
    watch(courier);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    sio_courier *courier = SIO_CONTAINER(poll, sio_courier, poll);
    sio_net_now(poll->data);
    if (status == 0 && (events & UV_WRITABLE))
        on_writable(courier);
    if (courier->open && (status < 0 || (events & (UV_READABLE | UV_DISCONNECT))))
        on_readable(courier);
}

static void watch(sio_courier *courier)
{
    const int events =
        UV_READABLE | UV_DISCONNECT | (sio_list_empty(&courier->queue) ? 0 : UV_WRITABLE);
    uv_poll_start(&courier->poll, events, on_poll);
}

int sio_courier_new(sio_courier **out, sio_net *net, int fd, sio_courier_cb callback)
{
    sio_courier *courier = sio_mem_zalloc(sizeof(*courier));
    if (!courier)
        return SIO_ENOMEM;
    if (uv_poll_init(net->loop, &courier->poll, fd)) { /* it makes the socket non-blocking */
        sio_mem_free(courier);
        return SIO_ESYSTEM;
    }
    uv_unref((uv_handle_t *)&courier->poll);
    courier->poll.data = net;
    courier->fd = fd;
    courier->open = true;
    courier->callback = callback;
    sio_list_init(&courier->queue);
    net->handles++;
    watch(courier);
    *out = courier;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    sio_net_handle_closed(handle);
    sio_mem_free(SIO_CONTAINER(handle, sio_courier, poll));
}

void sio_courier_close(sio_courier *courier)
{
    if (!courier || !courier->open)
        return;
    courier->open = false;
    while (!sio_list_empty(&courier->queue))
        parcel_free(courier, SIO_CONTAINER(courier->queue.next, sio_parcel, node));
    uv_poll_stop(&courier->poll);
    close(courier->fd);
    sio_net_close_handle((uv_handle_t *)&courier->poll, on_closed);
}

static int keep(sio_courier *courier, const struct iovec *parts, size_t count, const int *fd)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].iov_len;
    if (courier->queued + len > SIO_LIMIT_RELAY_QUEUE)
        return SIO_ELIMIT;
    sio_parcel *parcel = sio_mem_alloc(sizeof(*parcel) + len);
    if (!parcel)
        return SIO_ENOMEM;
    parcel->node = (sio_list){ NULL, NULL };
    parcel->len = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].iov_len > 0)
            memcpy(parcel->data + parcel->len, parts[i].iov_base, parts[i].iov_len);
        parcel->len += parts[i].iov_len;
    }
    parcel->fd = fd ? fcntl(*fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd && parcel->fd < 0) {
        sio_mem_free(parcel);
        return SIO_ESYSTEM;
    }
    sio_list_push(&courier->queue, &parcel->node);
    courier->queued += len;
    watch(courier);
    return 0;
}

int sio_courier_send(sio_courier *courier, sio_letter_kind kind, sio_str head, sio_str body,
                     sio_str rest, const int *fds, size_t count)
{
    const sio_letter_head first = sio_letter_begin(kind);
    struct iovec parts[4] = { part_of(&first, sizeof(first)), part_of(head.data, head.len),
                              part_of(body.data, body.len), part_of(rest.data, rest.len) };
    if (!courier->open)
        return SIO_ECLOSED;
    int number = EAGAIN;
    if (sio_list_empty(&courier->queue))
        number = put(courier->fd, parts, 4, fds, count);
    if ((number == EAGAIN || number == ETOOMANYREFS) && count <= 1)
        return keep(courier, parts, 4, count ? fds : NULL);
    return number == 0 ? 0 : number == EPIPE ? SIO_ECLOSED : SIO_ESYSTEM;
}
