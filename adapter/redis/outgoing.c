#include "redis/outgoing.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

struct sio_outgoing_entry {
    struct sio_outgoing_entry *next;
    size_t channel_len;
    size_t payload_len;
    char bytes[]; /* channel, then payload */
};

static size_t cost(sio_str channel, sio_str payload)
{
    return sizeof(struct sio_outgoing_entry) + channel.len + payload.len;
}

size_t sio_outgoing_bytes(const sio_outgoing *outgoing)
{
    return outgoing->queued_bytes + outgoing->flying_bytes;
}

bool sio_outgoing_is_empty(const sio_outgoing *outgoing)
{
    return !outgoing->head && outgoing->flying == 0;
}

/* One that is larger than the window goes alone. */
static bool has_window(const sio_outgoing *outgoing, size_t bytes)
{
    return outgoing->open && outgoing->conn->ready &&
           (outgoing->flying == 0 || outgoing->flying_bytes + bytes <= SIO_LIMIT_REDIS_WINDOW);
}

static void drain(sio_outgoing *outgoing);

static void on_reply(redisAsyncContext *context, void *answer, void *data)
{
    const redisReply *reply = answer;
    const sio_redis_conn *conn = sio_redis_conn_of(context, reply);
    if (!conn)
        return;
    sio_outgoing *outgoing = conn->user;
    outgoing->flying--;
    outgoing->flying_bytes -= (size_t)(uintptr_t)data;
    if (reply->type == REDIS_REPLY_ERROR) {
        outgoing->lost++;
        outgoing->refused(outgoing, reply->str);
    }
    drain(outgoing);
    if (sio_outgoing_is_empty(outgoing))
        outgoing->empty(outgoing);
}

static int transmit(sio_outgoing *outgoing, sio_str channel, sio_str payload)
{
    const char *words[] = { "PUBLISH", channel.data, payload.data };
    const size_t lens[] = { 7, channel.len, payload.len };
    size_t bytes = cost(channel, payload);
    if (redisAsyncCommandArgv(outgoing->conn->context, on_reply, (void *)(uintptr_t)bytes, 3, words,
                              lens) != REDIS_OK) {
        outgoing->lost++;
        return SIO_ENOMEM;
    }
    outgoing->flying++;
    outgoing->flying_bytes += bytes;
    outgoing->published++;
    return 0;
}

static int enqueue(sio_outgoing *outgoing, sio_str channel, sio_str payload)
{
    struct sio_outgoing_entry *entry = sio_mem_alloc(cost(channel, payload));
    if (!entry) {
        outgoing->lost++;
        return SIO_ENOMEM;
    }
    entry->next = NULL;
    entry->channel_len = channel.len;
    entry->payload_len = payload.len;
    memcpy(entry->bytes, channel.data, channel.len);
    memcpy(entry->bytes + channel.len, payload.data, payload.len);
    if (outgoing->tail)
        outgoing->tail->next = entry;
    else
        outgoing->head = entry;
    outgoing->tail = entry;
    outgoing->queued_bytes += cost(channel, payload);
    return 0;
}

int sio_outgoing_publish(sio_outgoing *outgoing, sio_str channel, sio_str payload)
{
    size_t bytes = cost(channel, payload);
    if (bytes > SIO_LIMIT_REDIS_QUEUE - sio_outgoing_bytes(outgoing)) {
        outgoing->lost++;
        return SIO_ELIMIT;
    }
    if (!outgoing->head && has_window(outgoing, bytes))
        return transmit(outgoing, channel, payload);
    return enqueue(outgoing, channel, payload);
}

/* Takes the first entry off the queue. */
static struct sio_outgoing_entry *dequeue(sio_outgoing *outgoing, size_t bytes)
{
    struct sio_outgoing_entry *first = outgoing->head;
    outgoing->head = first->next;
    if (!outgoing->head)
        outgoing->tail = NULL;
    outgoing->queued_bytes -= bytes;
    return first;
}

static void drain(sio_outgoing *outgoing)
{
    while (outgoing->head) {
        const struct sio_outgoing_entry *first = outgoing->head;
        sio_str channel = { first->bytes, first->channel_len };
        sio_str payload = { first->bytes + first->channel_len, first->payload_len };
        if (!has_window(outgoing, cost(channel, payload)))
            return;
        int err = transmit(outgoing, channel, payload);
        sio_mem_free(dequeue(outgoing, cost(channel, payload)));
        if (err)
            return;
    }
}

void sio_outgoing_open(sio_outgoing *outgoing)
{
    outgoing->open = true;
    drain(outgoing);
}

void sio_outgoing_ground(sio_outgoing *outgoing)
{
    outgoing->open = false;
    outgoing->lost += outgoing->flying;
    outgoing->flying = 0;
    outgoing->flying_bytes = 0;
}

void sio_outgoing_free(sio_outgoing *outgoing)
{
    while (outgoing->head) {
        const struct sio_outgoing_entry *first = outgoing->head;
        outgoing->lost++;
        sio_mem_free(dequeue(outgoing, sizeof *first + first->channel_len + first->payload_len));
    }
}
