#include <sio/handover.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "net/handover.h"
#include "net/inheritance.h"
#include "net/socketfile.h"

static int fail(sio_server *server, int err, const char *why)
{
    return sio_core_fail(server, err, SIO_LOG_NET, "no hand-over: %s", why);
}

/* ---- beginning ---- */

static void forget(sio_net *net)
{
    sio_handover *state = net->handover;
    if (state->door_fd >= 0)
        close(state->door_fd);
    sio_inheritance_leave(state);
    sio_socketfile_leave(state->file);
    sio_mem_free(state);
    net->handover = NULL;
}

/* Nobody is there: the next one finds us. */
static int begin_alone(sio_net *net, const char *path)
{
    sio_handover *state = net->handover;
    const char *why = NULL;
    int err = sio_socketfile_open(&state->file, &state->door_fd, SOCK_SEQPACKET,
                                  &(sio_listen_options){ .path = path, .mode = 0600 }, &why);
    if (err)
        return sio_core_fail(net->server, err, SIO_LOG_NET, "cannot be asked at unix:%s: %s", path,
                             why ? why : sio_err_message(err));
    err = sio_handover_open_door(net);
    if (!err)
        return 0;
    sio_socketfile_close(state->file);
    state->file = NULL;
    return fail(net->server, err, sio_err_message(err));
}

static int begin(sio_net *net, const sio_handover_options *options)
{
    const uint32_t ms = options->timeout_ms ? options->timeout_ms : SIO_LIMIT_HANDOVER_MS;
    net->handover = sio_mem_zalloc(sizeof(*net->handover));
    if (!net->handover)
        return fail(net->server, SIO_ENOMEM, "out of memory");
    net->handover->door_fd = -1;
    net->handover->drain = options->drain;
    net->handover->on_handed_over = options->on_handed_over;
    net->handover->data = options->data;
    const int count = sio_handover_take(net, options->path, ms);
    return count == SIO_ENOTFOUND ? begin_alone(net, options->path) : count;
}

static const char *objection(const sio_handover_options *options)
{
    const char *why = NULL;
    const size_t len = options->path ? strnlen(options->path, SIO_LIMIT_UNIX_PATH + 1) : 0;
    if (len == 0 || len > SIO_LIMIT_UNIX_PATH)
        return "a path has 1 to 107 bytes";
    if (options->drain.keep_listening)
        return "drain.keep_listening: the next process listens";
    (void)sio_departures_check(&options->drain, &why);
    return why;
}

int sio_server_handover(sio_server *server, const sio_handover_options *options)
{
    sio_net *net = server->net;
    const char *why = objection(options);
    if (server->closing || server->departures.deaf || !sio_net_is_ours(net))
        return fail(server, SIO_ECLOSED, "the server is closing");
    if (why)
        return fail(server, SIO_EINVAL, why);
    if (net->handover)
        return fail(server, SIO_EEXISTS, "it has been called already");
    const int count = begin(net, options);
    if (count < 0 && net->handover)
        forget(net);
    return count;
}

/* ---- end ---- */

void sio_handover_end(sio_net *net)
{
    if (!net->handover)
        return;
    sio_handover_shut(net);
    sio_handover_cut(net);
    sio_inheritance_leave(net->handover);
    sio_courier_close(net->handover->predecessor);
    net->handover->predecessor = NULL;
}
