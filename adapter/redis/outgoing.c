#include "redis/outgoing.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* Bytes of a number between its mark and the ends of lines. */
#define NUMBER 26

struct sio_outgoing_entry {
    struct sio_outgoing_entry *next;
    sio_redis_reply reply;
    void *data;
    size_t cost;
    size_t len;
    char bytes[]; /* the command, encoded */
};

/* What it takes of queue and window, which is at least what it takes encoded. */
static size_t cost(const sio_redis_command *command)
{
    size_t bytes = sizeof(struct sio_outgoing_entry) + NUMBER;
    for (size_t i = 0; i < command->count; i++)
        bytes += NUMBER + command->words[i].len;
    return bytes;
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

/* ---- answers ---- */

static void drain(sio_outgoing *outgoing);

static void tell(sio_outgoing *outgoing, sio_redis_reply reply, void *data,
                 const redisReply *answer)
{
    int err = sio_redis_error_of(answer);
    if (err)
        outgoing->lost++;
    if (reply)
        reply(data, err, answer);
    else if (err == SIO_EREDIS)
        outgoing->refused(outgoing, answer->str);
}

static void on_answer(sio_redis_conn *conn, const sio_redis_pending *self, const redisReply *answer)
{
    sio_outgoing *outgoing = conn->user;
    outgoing->flying--;
    outgoing->flying_bytes -= self->bytes;
    tell(outgoing, self->reply, self->data, answer);
    if (!answer)
        return;
    drain(outgoing);
    if (sio_outgoing_is_empty(outgoing))
        outgoing->empty(outgoing);
}

/* ---- sending ---- */

static int transmit(sio_outgoing *outgoing, const sio_redis_command *command, size_t bytes)
{
    const sio_redis_pending pending = {
        .took = on_answer, .reply = command->reply, .data = command->data, .bytes = bytes
    };
    int err = sio_redis_conn_send(outgoing->conn, command->words, command->count, &pending);
    if (err)
        return err;
    outgoing->flying++;
    outgoing->flying_bytes += bytes;
    outgoing->published++;
    return 0;
}

static int transmit_entry(sio_outgoing *outgoing, const struct sio_outgoing_entry *entry)
{
    const sio_redis_pending pending = {
        .took = on_answer, .reply = entry->reply, .data = entry->data, .bytes = entry->cost
    };
    const sio_str bytes = { entry->bytes, entry->len };
    int err = sio_redis_conn_send_bytes(outgoing->conn, bytes, &pending);
    if (err)
        return err;
    outgoing->flying++;
    outgoing->flying_bytes += entry->cost;
    outgoing->published++;
    return 0;
}

static void encode(struct sio_outgoing_entry *entry, const sio_redis_command *command)
{
    char *out = entry->bytes;
    out += snprintf(out, NUMBER, "*%zu\r\n", command->count);
    for (size_t i = 0; i < command->count; i++) {
        const sio_str *word = &command->words[i];
        out += snprintf(out, NUMBER, "$%zu\r\n", word->len);
        memcpy(out, word->data, word->len);
        out += word->len;
        *out++ = '\r';
        *out++ = '\n';
    }
    entry->len = (size_t)(out - entry->bytes);
}

static int enqueue(sio_outgoing *outgoing, const sio_redis_command *command, size_t bytes)
{
    struct sio_outgoing_entry *entry = sio_mem_alloc(bytes);
    if (!entry)
        return SIO_ENOMEM;
    entry->next = NULL;
    entry->reply = command->reply;
    entry->data = command->data;
    entry->cost = bytes;
    encode(entry, command);
    if (outgoing->tail)
        outgoing->tail->next = entry;
    else
        outgoing->head = entry;
    outgoing->tail = entry;
    outgoing->queued_bytes += bytes;
    return 0;
}

int sio_outgoing_send(sio_outgoing *outgoing, const sio_redis_command *command)
{
    size_t bytes = cost(command);
    int err;
    if (bytes > SIO_LIMIT_REDIS_QUEUE - sio_outgoing_bytes(outgoing))
        err = SIO_ELIMIT;
    else if (!outgoing->head && has_window(outgoing, bytes))
        err = transmit(outgoing, command, bytes);
    else
        err = enqueue(outgoing, command, bytes);
    if (err)
        outgoing->lost++;
    return err;
}

/* Takes the first entry off the queue. */
static struct sio_outgoing_entry *dequeue(sio_outgoing *outgoing)
{
    struct sio_outgoing_entry *first = outgoing->head;
    outgoing->head = first->next;
    if (!outgoing->head)
        outgoing->tail = NULL;
    outgoing->queued_bytes -= first->cost;
    return first;
}

/* One that has left the queue unwritten. */
static void drop(sio_outgoing *outgoing, struct sio_outgoing_entry *entry)
{
    sio_redis_reply reply = entry->reply;
    void *data = entry->data;
    sio_mem_free(entry);
    tell(outgoing, reply, data, NULL);
}

static void drain(sio_outgoing *outgoing)
{
    while (outgoing->head && has_window(outgoing, outgoing->head->cost)) {
        struct sio_outgoing_entry *first = dequeue(outgoing);
        int err = transmit_entry(outgoing, first);
        if (err) {
            drop(outgoing, first);
            return;
        }
        sio_mem_free(first);
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
}

/* ---- the end ---- */

static void disown(sio_redis_reply *reply, void *data)
{
    sio_redis_reply who = *reply;
    *reply = NULL;
    if (who)
        who(data, SIO_ECLOSED, NULL);
}

void sio_outgoing_disown(sio_outgoing *outgoing)
{
    sio_redis_pending *one;
    for (uint32_t i = 0; (one = sio_redis_pendings_at(&outgoing->conn->pendings, i)); i++)
        disown(&one->reply, one->data);
    for (struct sio_outgoing_entry *entry = outgoing->head; entry; entry = entry->next)
        disown(&entry->reply, entry->data);
}

void sio_outgoing_free(sio_outgoing *outgoing)
{
    while (outgoing->head)
        drop(outgoing, dequeue(outgoing));
}
