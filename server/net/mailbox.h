/* What other threads have posted to a server. The only part of it that they touch. */
#ifndef SIO_NET_MAILBOX_H
#define SIO_NET_MAILBOX_H

#include <stdbool.h>

#include <uv.h>

#include <sio/post.h>

typedef struct sio_mail sio_mail;

typedef struct sio_mailbox {
    uv_async_t wake; /* sent under `lock` and while `open` only: it may not outlive its handle */
    uv_mutex_t lock; /* of what follows */
    bool open;
    size_t bytes;
    sio_mail *first;
    sio_mail **last;
} sio_mailbox;

/* `wake` is a handle of the loop then. SIO_ESYSTEM. */
SIO_MUST_USE int sio_mailbox_init(sio_mailbox *mailbox, uv_loop_t *loop, uv_async_cb callback);

/* Runs all that was there when it was called. */
void sio_mailbox_empty(sio_mailbox *mailbox, sio_server *server);

/* The same for the last time: nothing is taken from now on. Again: nothing happens. */
void sio_mailbox_close(sio_mailbox *mailbox, sio_server *server);

/* After sio_mailbox_close, and once the handle is closed. */
void sio_mailbox_free(sio_mailbox *mailbox);

#endif
