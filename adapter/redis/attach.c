#include "redis/attach.h"

#include <stdbool.h>
#include <sys/ioctl.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* What hiredis reads at once is little: as often as this it reads on in one turn of the loop. */
#define READS (SIO_LIMIT_REDIS_READ / REDIS_READER_MAX_BUF)

typedef struct attachment {
    uv_poll_t poll;
    redisAsyncContext *context; /* NULL once hiredis has let go */
    int wanted;                 /* of UV_READABLE and UV_WRITABLE */
    sio_attach_closed closed;
    void *data;
} attachment;

static void watch(attachment *self, int wanted);

static bool has_more(const attachment *self)
{
    int count = 0;
    return self->context && (self->wanted & UV_READABLE) &&
           ioctl(self->context->c.fd, FIONREAD, &count) == 0 && count > 0;
}

static void read_on(attachment *self)
{
    unsigned reads = 0;
    do
        redisAsyncHandleRead(self->context);
    while (++reads < READS && has_more(self));
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    attachment *self = poll->data;
    /* libuv stops polling on an error and does not say which: hiredis finds it when it reads or
     * writes, which is also how it learns that a connection was refused. */
    int ready = status < 0 ? self->wanted : events;
    if (self->context && (ready & (UV_READABLE | UV_DISCONNECT)))
        read_on(self);
    if (self->context && (ready & UV_WRITABLE))
        redisAsyncHandleWrite(self->context);
    if (self->context && status < 0)
        watch(self, self->wanted);
}

/* A poll that cannot be started shows as a link that does not answer: whoever waits for it has a
 * deadline. */
static void watch(attachment *self, int wanted)
{
    self->wanted = wanted;
    if (wanted)
        uv_poll_start(&self->poll, wanted | (wanted & UV_READABLE ? UV_DISCONNECT : 0), on_poll);
    else
        uv_poll_stop(&self->poll);
}

static void want(attachment *self, int event)
{
    if (!(self->wanted & event))
        watch(self, self->wanted | event);
}

static void unwant(attachment *self, int event)
{
    if (self->wanted & event)
        watch(self, self->wanted & ~event);
}

static void add_read(void *privdata)
{
    want(privdata, UV_READABLE);
}

static void del_read(void *privdata)
{
    unwant(privdata, UV_READABLE);
}

static void add_write(void *privdata)
{
    want(privdata, UV_WRITABLE);
}

static void del_write(void *privdata)
{
    unwant(privdata, UV_WRITABLE);
}

static void on_close(uv_handle_t *handle)
{
    attachment *self = handle->data;
    sio_attach_closed closed = self->closed;
    void *data = self->data;
    sio_mem_free(self);
    closed(data);
}

static void cleanup(void *privdata)
{
    attachment *self = privdata;
    self->context = NULL;
    uv_close((uv_handle_t *)&self->poll, on_close);
}

int sio_attach(redisAsyncContext *context, uv_loop_t *loop, sio_attach_closed closed, void *data)
{
    attachment *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return SIO_ENOMEM;
    if (uv_poll_init_socket(loop, &self->poll, context->c.fd)) {
        sio_mem_free(self);
        return SIO_ESYSTEM;
    }
    self->poll.data = self;
    self->context = context;
    self->closed = closed;
    self->data = data;
    context->ev.data = self;
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = cleanup;
    return 0;
}
