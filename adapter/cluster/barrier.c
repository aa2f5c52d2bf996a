#include "cluster/barrier.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

struct sio_waiting {
    struct sio_waiting *next;
    uint64_t ticket;
    size_t channel_len;
    size_t payload_len;
    bool given; /* handed out: gone with the next call */
    char bytes[];
};

static size_t cost(size_t channel_len, size_t payload_len)
{
    return sizeof(struct sio_waiting) + channel_len + payload_len;
}

uint64_t sio_barrier_ticket(const sio_barrier *barrier)
{
    return barrier->begun + (barrier->fresh ? 1 : 0);
}

int sio_barrier_keep(sio_barrier *barrier, uint64_t ticket, sio_str channel, sio_str payload)
{
    size_t bytes = cost(channel.len, payload.len);
    if (bytes > SIO_LIMIT_REDIS_QUEUE - barrier->bytes)
        return SIO_ELIMIT;
    struct sio_waiting *one = sio_mem_zalloc(bytes);
    if (!one)
        return SIO_ENOMEM;
    one->ticket = ticket;
    one->channel_len = channel.len;
    one->payload_len = payload.len;
    memcpy(one->bytes, channel.data, channel.len);
    memcpy(one->bytes + channel.len, payload.data, payload.len);
    if (barrier->tail)
        barrier->tail->next = one;
    else
        barrier->head = one;
    barrier->tail = one;
    barrier->bytes += bytes;
    return 0;
}

static void drop_first(sio_barrier *barrier)
{
    struct sio_waiting *first = barrier->head;
    barrier->head = first->next;
    if (!barrier->head)
        barrier->tail = NULL;
    barrier->bytes -= cost(first->channel_len, first->payload_len);
    sio_mem_free(first);
}

bool sio_barrier_next(sio_barrier *barrier, sio_str *channel, sio_str *payload)
{
    if (barrier->head && barrier->head->given)
        drop_first(barrier);
    struct sio_waiting *first = barrier->head;
    if (!first || first->ticket > barrier->passed)
        return false;
    first->given = true;
    *channel = (sio_str){ first->bytes, first->channel_len };
    *payload = (sio_str){ first->bytes + first->channel_len, first->payload_len };
    return true;
}

void sio_barrier_free(sio_barrier *barrier)
{
    while (barrier->head)
        drop_first(barrier);
}
