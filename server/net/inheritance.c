#include "net/inheritance.h"

#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "net/binding.h"
#include "net/socketfile.h"

int sio_inheritance_add(sio_handover *state, int fd, const sio_letter_socket *from)
{
    sio_inherited *added = sio_mem_alloc(sizeof(*added));
    if (!added)
        return SIO_ENOMEM;
    *added = (sio_inherited){ .next = state->inherited, .fd = fd, .from = *from };
    state->inherited = added;
    return 0;
}

static bool is_there(const sio_inherited *one, const sio_listen_options *options)
{
    if (options->path || one->from.path[0])
        return options->path && strcmp(options->path, one->from.path) == 0;
    return sio_binding_is_at(one->fd, options);
}

static void drop(sio_inherited **at)
{
    sio_inherited *one = *at;
    *at = one->next;
    sio_mem_free(one);
}

int sio_inheritance_listen(sio_net *net, const sio_listen_options *options, const char **why)
{
    sio_inherited **at = net->handover ? &net->handover->inherited : NULL;
    while (at && *at && !is_there(*at, options))
        at = &(*at)->next;
    if (!at || !*at)
        return 0;
    sio_letter_socket from = (*at)->from;
    if (options->backlog)
        from.backlog = options->backlog;
    const int err = sio_listen_take(net, (*at)->fd, &from, why);
    if (err)
        return err;
    drop(at);
    return 1;
}

void sio_inheritance_leave(sio_handover *state)
{
    while (state->inherited) {
        close(state->inherited->fd);
        drop(&state->inherited);
    }
}

/* The file goes before its socket, whose inode tells that it is still the same. */
void sio_inheritance_close(sio_net *net)
{
    sio_handover *state = net->handover;
    for (sio_inherited *one; (one = state->inherited);) {
        char place[SIO_BINDING_TEXT];
        const char *path = one->from.path;
        sio_binding_text(one->fd, place);
        SIO_CORE_LOG(net->server, SIO_LOG_WARN, SIO_LOG_NET,
                     "closing %s: the old process has listened there with TLS, and "
                     "sio_server_listen_tls was not called for it",
                     path[0] ? path : place);
        if (path[0])
            sio_socketfile_close(sio_socketfile_adopt(path, one->from.device, one->from.inode));
        close(one->fd);
        drop(&state->inherited);
    }
}
