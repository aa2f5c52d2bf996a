#include "net/ring.h"

#include <errno.h>
#include <string.h>

#include "net/loop.h"

bool sio_ring_ready(sio_net *net)
{
    sio_ring *ring = &net->ring;
    if (ring->none || ring->uring.fd > 0)
        return !ring->none;
    ring->none = sio_uring_open(&ring->uring) != 0;
    if (net->server)
        SIO_CORE_LOG(net->server, SIO_LOG_DEBUG, SIO_LOG_NET, "goes %s io_uring%s%s",
                     ring->none ? "without" : "by", ring->none ? ": " : "",
                     ring->none ? strerror(errno) : "");
    return !ring->none;
}

void sio_ring_submit(sio_net *net)
{
    if (sio_uring_submit(&net->ring.uring, net->ring.results))
        sio_ring_give_up(net);
}

void sio_ring_give_up(sio_net *net)
{
    if (net->server)
        SIO_CORE_LOG(net->server, SIO_LOG_WARN, SIO_LOG_NET,
                     "goes without io_uring from now on: %s", strerror(errno));
    sio_ring_free(&net->ring);
    net->ring.none = true;
}

void sio_ring_free(sio_ring *ring)
{
    sio_uring_close(&ring->uring);
}
