#include <hiredis/hiredis.h>
#include <string.h>

#include <sio/sys/limits.h>

#include "emitter.h"

/* ---- answers: counted while hiredis parses them, so that none is built ---- */

static char counted; /* what hiredis takes for the object */

static void count_one(const redisReadTask *task, bool heard)
{
    sio_emitter *emitter = task->privdata;

    if (task->parent)
        return;
    emitter->batch.flying--;
    if (heard)
        emitter->batch.tally.heard++;
    else
        emitter->batch.tally.unheard++;
}

static void *on_string(const redisReadTask *task, char *text, size_t len)
{
    sio_emitter *emitter = task->privdata;
    char line[sizeof emitter->error];

    if (task->type != REDIS_REPLY_ERROR) {
        count_one(task, true);
        return &counted;
    }
    len = len < sizeof line - 1 ? len : sizeof line - 1;
    memcpy(line, text, len);
    line[len] = '\0';
    emitter->batch.flying--;
    emitter->batch.tally.refused++;
    emitter->batch.err = sio_emitter_refused(emitter, line);
    return &counted;
}

static void *on_array(const redisReadTask *task, size_t elements)
{
    (void)elements;
    count_one(task, false);
    return &counted;
}

static void *on_integer(const redisReadTask *task, long long value)
{
    count_one(task, value > 0);
    return &counted;
}

static void *on_double(const redisReadTask *task, double value, char *text, size_t len)
{
    (void)value, (void)text, (void)len;
    count_one(task, false);
    return &counted;
}

static void *on_nil(const redisReadTask *task)
{
    count_one(task, false);
    return &counted;
}

static void *on_bool(const redisReadTask *task, int value)
{
    count_one(task, value);
    return &counted;
}

static void on_free(void *object)
{
    (void)object;
}

static redisReplyObjectFunctions counting = {
    .createString = on_string,
    .createArray = on_array,
    .createInteger = on_integer,
    .createDouble = on_double,
    .createNil = on_nil,
    .createBool = on_bool,
    .freeObject = on_free,
};

/* Takes the answers that are there. */
static int take(sio_emitter *emitter)
{
    redisReader *reader = emitter->redis->reader;
    redisReplyObjectFunctions *before = reader->fn;
    void *reply, *data = reader->privdata;
    int err = 0;

    reader->fn = &counting;
    reader->privdata = emitter;
    do {
        reply = NULL;
        if (redisReaderGetReply(reader, &reply) != REDIS_OK)
            err = sio_emitter_fail(emitter, SIO_EREDIS, "this is not Redis: %s", reader->errstr);
    } while (reply && !err && emitter->batch.flying);
    reader->fn = before;
    reader->privdata = data;
    return err;
}

/* Reads until no more than `most` are unanswered. */
static int settle(sio_emitter *emitter, uint64_t most)
{
    while (emitter->batch.flying > most) {
        int err = sio_emitter_fill(emitter, sio_emitter_now_ms() + emitter->timeout_ms);

        if (!err)
            err = take(emitter);
        if (err)
            return err;
    }
    return 0;
}

/* ---- commands ---- */

/* The length of the command at the front: we have written it ourselves, so it is one. */
static size_t command_len(const char *data)
{
    size_t words = 0;
    const char *at = data + 1;

    for (; *at != '\r'; at++)
        words = words * 10 + (size_t)(*at - '0');
    for (at += 2; words > 0; words--) {
        size_t len = 0;

        for (at++; *at != '\r'; at++)
            len = len * 10 + (size_t)(*at - '0');
        at += 2 + len + 2;
    }
    return (size_t)(at - data);
}

/* The connection is lost: what was written as a whole may have been executed, and is not repeated;
 * what was not, was not. */
static void ground(sio_emitter *emitter, size_t written)
{
    sio_batch *batch = &emitter->batch;
    size_t whole = 0;

    while (batch->waiting > 0) {
        size_t next = whole + command_len(batch->out.data + whole);

        if (next > written)
            break;
        whole = next;
        batch->waiting--;
        batch->flying++;
    }
    if (whole > 0)
        sio_buf_consume(&batch->out, whole);
    batch->tally.unsure += batch->flying;
    emitter->unsure = batch->flying > 0;
    batch->flying = 0;
    sio_emitter_disconnect(emitter);
}

static int write_waiting(sio_emitter *emitter)
{
    sio_batch *batch = &emitter->batch;
    size_t done = 0;
    int err = 0;

    if (batch->out.len > 0)
        err = sio_emitter_write(emitter, batch->out.data, batch->out.len,
                                sio_emitter_now_ms() + emitter->timeout_ms, &done);
    if (err) {
        ground(emitter, done);
        return err;
    }
    batch->flying += batch->waiting;
    batch->waiting = 0;
    sio_buf_clear(&batch->out);
    return 0;
}

static int attempt(sio_emitter *emitter, uint64_t most, int64_t until)
{
    int err = 0;

    /* while answers are due, there may be something to read: then reading tells */
    if (!emitter->redis || (!emitter->batch.flying && !sio_emitter_connected(emitter))) {
        ground(emitter, 0);
        err = sio_emitter_reach(emitter, until);
    }
    if (!err)
        err = write_waiting(emitter);
    if (err)
        return err;
    err = settle(emitter, most);
    if (err)
        ground(emitter, 0);
    return err;
}

/* What waits still when the connection is lost goes over the next one: once at once, since this one
 * may have been dead for long, then as retry_ms allows. */
static int push(sio_emitter *emitter, uint64_t most)
{
    const int64_t until = sio_emitter_now_ms() + emitter->retry_ms;
    const uint64_t unsure = emitter->batch.tally.unsure;
    int err = attempt(emitter, most, until);

    if (err == SIO_ECLOSED)
        err = attempt(emitter, most, until);
    while (err == SIO_ECLOSED && sio_emitter_now_ms() < until)
        err = attempt(emitter, most, until);
    emitter->unsure = emitter->batch.tally.unsure > unsure;
    return err == SIO_ECLOSED || (!err && emitter->unsure) ? SIO_ECONNECT : err;
}

int sio_emitter_drain(sio_emitter *emitter)
{
    sio_emitter_own(emitter);
    return emitter->batch.waiting || emitter->batch.flying ? push(emitter, 0) : 0;
}

/* ---- the interface ---- */

static int append(sio_emitter *emitter)
{
    sio_batch *batch = &emitter->batch;

    sio_emitter_own(emitter);
    const size_t before = batch->out.len;
    if (before >= SIO_LIMIT_REDIS_QUEUE && push(emitter, 0))
        return sio_emitter_fail(emitter, SIO_ELIMIT, "too much waits for Redis already");
    sio_emitter_encode(&batch->out, emitter->dispatch.words, emitter->dispatch.count);
    if (batch->out.err) {
        int err = batch->out.err;

        batch->out.len = before;
        batch->out.err = 0;
        return sio_emitter_fail(emitter, err, "%s", sio_err_message(err));
    }
    batch->waiting++;
    return batch->out.len < SIO_LIMIT_WRITE ? 0 : push(emitter, SIO_LIMIT_EMITTER_FLYING);
}

int sio_emitter_vqueue(sio_emitter *emitter, const sio_emitter_target *target, const char *event,
                       const char *format, va_list arguments)
{
    emitter->unsure = false;
    if (!emitter->url.storage)
        return sio_emitter_fail(emitter, SIO_EURL, "the URL of Redis is malformed");
    int err = sio_dispatch_event(&emitter->dispatch, target, event, format, arguments);
    return err ? sio_emitter_made(emitter, err) : append(emitter);
}

int sio_emitter_queue(sio_emitter *emitter, const sio_emitter_target *target, const char *event,
                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int err = sio_emitter_vqueue(emitter, target, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_emitter_flush(sio_emitter *emitter, sio_emitter_tally *tally)
{
    sio_batch *batch = &emitter->batch;
    int err = sio_emitter_drain(emitter);

    if (!err)
        err = batch->err;
    batch->tally.unsent = batch->waiting;
    if (tally)
        *tally = batch->tally;
    batch->tally = (sio_emitter_tally){ 0 };
    batch->err = 0;
    if (batch->out.cap > 4 * SIO_LIMIT_WRITE && !batch->waiting)
        sio_buf_free(&batch->out);
    return err;
}
