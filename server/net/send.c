#include "net/send.h"

#include <errno.h>
#include <sys/socket.h>

#define FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)

/* libuv's buffers are the kernel's, by its own word. */
static ssize_t send_all(const sio_conn *conn, const uv_buf_t *bufs, unsigned count)
{
    const int flags = conn->ahead ? FLAGS | MSG_MORE : FLAGS;
    struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)bufs, .msg_iovlen = count };
    if (count == 1)
        return send(sio_conn_fd(conn), bufs->base, bufs->len, flags);
    return sendmsg(sio_conn_fd(conn), &message, flags);
}

ssize_t sio_conn_send(sio_conn *conn, const uv_buf_t *bufs, unsigned count)
{
    ssize_t sent;
    if (conn->carried)
        return sio_line_try(&conn->line, bufs, count);
    if (uv_stream_get_write_queue_size(sio_conn_stream(conn)) > 0)
        return -EAGAIN;
    do
        sent = send_all(conn, bufs, count);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return sent;
    return errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
}
