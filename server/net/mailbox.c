#include "net/mailbox.h"

#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/emission.h"
#include "net/loop.h"

struct sio_mail {
    sio_mail *next;
    sio_post_cb callback;
    void *data;
};

int sio_mailbox_init(sio_mailbox *mailbox, uv_loop_t *loop, uv_async_cb callback)
{
    if (uv_mutex_init(&mailbox->lock))
        return SIO_ESYSTEM;
    if (uv_async_init(loop, &mailbox->wake, callback)) {
        uv_mutex_destroy(&mailbox->lock);
        return SIO_ESYSTEM;
    }
    mailbox->open = true;
    mailbox->last = &mailbox->first;
    return 0;
}

void sio_mailbox_free(sio_mailbox *mailbox)
{
    uv_mutex_destroy(&mailbox->lock);
}

/* ---- from any thread ---- */

/* With the lock held. */
static int append(sio_mailbox *mailbox, sio_mail *mail, size_t bytes)
{
    if (!mailbox->open)
        return SIO_ECLOSED;
    if (bytes > SIO_LIMIT_POSTED - mailbox->bytes)
        return SIO_ELIMIT;
    if (!mailbox->first)
        uv_async_send(&mailbox->wake);
    *mailbox->last = mail;
    mailbox->last = &mail->next;
    mailbox->bytes += bytes;
    return 0;
}

/* From any thread. `bytes`: what `data` takes. As sio_server_post. */
static int put(sio_mailbox *mailbox, sio_post_cb callback, void *data, size_t bytes)
{
    sio_mail *mail = sio_mem_alloc(sizeof(*mail));
    if (!mail)
        return SIO_ENOMEM;
    *mail = (sio_mail){ .callback = callback, .data = data };
    uv_mutex_lock(&mailbox->lock);
    const int err = append(mailbox, mail, sizeof(*mail) + bytes);
    uv_mutex_unlock(&mailbox->lock);
    if (err)
        sio_mem_free(mail);
    return err;
}

int sio_server_post(sio_server *server, sio_post_cb callback, void *data)
{
    sio_net *net = server->net;
    return callback ? put(&net->mailbox, callback, data, 0) : SIO_EINVAL;
}

static void send_emission(sio_server *server, void *data)
{
    sio_emission_send(data, server);
    sio_emission_free(data);
}

int sio_server_post_vemit(sio_server *server, const char *nsp, const sio_target *target,
                          const char *event, const char *format, va_list arguments)
{
    sio_net *net = server->net;
    sio_emission *emission;
    int err = sio_emission_new(&emission, nsp, target, event, format, arguments);
    if (err)
        return err;
    err = put(&net->mailbox, send_emission, emission, sio_emission_bytes(emission));
    if (err)
        sio_emission_free(emission);
    return err;
}

int sio_server_post_emit(sio_server *server, const char *nsp, const sio_target *target,
                         const char *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = sio_server_post_vemit(server, nsp, target, event, format, arguments);
    va_end(arguments);
    return err;
}

/* ---- on the loop's thread ---- */

static void run(sio_mail *mail, sio_server *server)
{
    while (mail) {
        sio_mail *next = mail->next;
        sio_core_enter(server);
        mail->callback(server, mail->data);
        sio_core_leave(server);
        sio_mem_free(mail);
        mail = next;
    }
}

/* What callbacks post meanwhile waits for the next turn: they cannot keep the loop here. */
static void empty(sio_mailbox *mailbox, sio_server *server, bool stay_open)
{
    uv_mutex_lock(&mailbox->lock);
    sio_mail *mail = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    mailbox->bytes = 0;
    mailbox->open = mailbox->open && stay_open;
    uv_mutex_unlock(&mailbox->lock);
    run(mail, server);
}

void sio_mailbox_empty(sio_mailbox *mailbox, sio_server *server)
{
    empty(mailbox, server, true);
}

void sio_mailbox_close(sio_mailbox *mailbox, sio_server *server)
{
    empty(mailbox, server, false);
}
