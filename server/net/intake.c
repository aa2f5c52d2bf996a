#include "net/intake.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/conn.h"

/* As for writes. */
#define FEW 3

/* Reads of one connection before others have their turn, as in libuv. */
#define MOST_READS 32

/* The reader of a message may write behind it. */
#define SPARE 64

static void take(sio_conn *conn, char *data, ssize_t result)
{
    if (result == -EAGAIN || result == -EINTR || conn->state == SIO_CONN_CLOSED)
        return;
    if (result > 0) {
        sio_conn_input(conn, data, (size_t)result);
        return;
    }
    uv_read_stop(sio_conn_stream(conn));
    if (result == 0)
        sio_conn_ended(conn);
    else
        sio_conn_failed(conn, (int)result);
}

static bool is_readable(const sio_conn *conn)
{
    return conn->state != SIO_CONN_CLOSED && !conn->paused;
}

/* Until less has come than would fit. */
static void read_alone(sio_conn *conn)
{
    char *const data = conn->net->input;
    const size_t size = sizeof(conn->net->input);
    ssize_t result = (ssize_t)size;
    for (int i = 0; i < MOST_READS && result == (ssize_t)size && is_readable(conn); i++) {
        result = recv(sio_conn_fd(conn), data, size, MSG_DONTWAIT);
        take(conn, data, result < 0 ? -errno : result);
    }
}

/* Each gets its part of the buffer; who fills it is read from once more. */
static void read_together(sio_net *net, sio_conn *const *conns, unsigned count)
{
    const size_t stride = sizeof(net->input) / count / SPARE * SPARE, size = stride - SPARE;
    int results[SIO_LIMIT_INTAKE];
    for (unsigned i = 0; i < count; i++)
        sio_uring_recv(&net->ring.uring, sio_conn_fd(conns[i]), net->input + i * stride, size);
    sio_ring_submit(net);
    memcpy(results, net->ring.results, count * sizeof(results[0]));
    for (unsigned i = 0; i < count; i++)
        if (results[i] != -ECANCELED)
            take(conns[i], net->input + i * stride, results[i]);
    for (unsigned i = 0; i < count; i++)
        if (results[i] == -ECANCELED || results[i] == (int)size)
            read_alone(conns[i]);
}

/* A handler may close any of them, but none is freed in this turn. */
void sio_intake_read(sio_net *net)
{
    sio_intake *intake = &net->intake;
    sio_conn *conns[SIO_LIMIT_INTAKE];
    unsigned count = 0;
    for (unsigned i = 0; i < intake->count; i++) {
        sio_conn *conn = intake->conns[i];
        conn->awaited = false;
        if (is_readable(conn))
            conns[count++] = conn;
    }
    intake->count = 0;
    if (count > FEW && sio_ring_ready(net)) {
        read_together(net, conns, count);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        read_alone(conns[i]);
}

/* Requests are read one by one: what is pipelined may stop the reading in its middle. */
void sio_intake_add(sio_conn *conn)
{
    sio_net *net = conn->net;
    if (conn->state != SIO_CONN_WEBSOCKET) {
        read_alone(conn);
    } else if (!conn->awaited) {
        conn->awaited = true;
        net->intake.conns[net->intake.count++] = conn;
        if (net->intake.count == SIO_LIMIT_INTAKE)
            sio_intake_read(net);
    }
}
