#include "net/volley.h"

#include <errno.h>

#include "net/conn.h"
#include "net/outflow.h"
#include "net/send.h"

/* Fewer are sent one by one: opening a volley costs what it saves then. */
#define FEW 3

bool sio_volley_takes(const sio_net *net, sio_conn *conn)
{
    return !net->ring.none && !conn->carried &&
           uv_stream_get_write_queue_size(sio_conn_stream(conn)) == 0;
}

void sio_volley_add(sio_conn *conn, sio_str bytes)
{
    sio_volley *volley = &conn->net->volley;
    volley->conns[volley->count] = conn;
    volley->sends[volley->count] = (sio_send){ .fd = sio_conn_fd(conn), .bytes = bytes };
    conn->link.flying = true;
    if (++volley->count == SIO_LIMIT_VOLLEY)
        sio_volley_fire(conn->net);
}

static void send_by_ring(sio_net *net)
{
    const sio_volley *volley = &net->volley;
    for (unsigned i = 0; i < volley->count; i++)
        sio_uring_send(&net->ring.uring, volley->sends[i].fd, volley->sends[i].bytes.data,
                       volley->sends[i].bytes.len);
    sio_ring_submit(net);
}

static void send_by_crew(sio_net *net)
{
    const sio_volley *volley = &net->volley;
    sio_ring *ring = &net->ring;
    if (sio_crew_send(net->crew, &ring->uring, volley->sends, volley->count, ring->results))
        sio_ring_give_up(net);
}

/* False: each is to be sent by itself. */
static bool send_together(sio_net *net)
{
    const unsigned count = net->volley.count;
    const bool by_crew = net->crew && count >= SIO_LIMIT_CREW_FROM;
    if (count <= FEW || (!sio_ring_ready(net) && !by_crew))
        return false;
    if (by_crew)
        send_by_crew(net);
    else
        send_by_ring(net);
    return true;
}

static int send_singly(const sio_volley *volley, unsigned index)
{
    const sio_str bytes = volley->sends[index].bytes;
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes.data, (unsigned)bytes.len);
    return (int)sio_conn_send(volley->conns[index], &buf, 1);
}

void sio_volley_fire(sio_net *net)
{
    sio_volley *volley = &net->volley;
    const unsigned count = volley->count;
    if (count == 0)
        return;
    const bool together = send_together(net);
    for (unsigned i = 0; i < count; i++) {
        sio_conn *conn = volley->conns[i];
        int result = together ? net->ring.results[i] : -ECANCELED;
        if (result == -ECANCELED)
            result = send_singly(volley, i);
        conn->link.flying = false;
        sio_outflow_written(conn, volley->sends[i].bytes.len, result);
        sio_client_settle(conn->link.client);
    }
    volley->count = 0;
    sio_gather_reuse(&net->gather);
}
