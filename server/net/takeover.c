/* The new process's part: it asks for the sockets of the old one, and says when it serves. */
#include "net/handover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "net/binding.h"
#include "net/inheritance.h"
#include "net/listen.h"
#include "net/relay.h"
#include "net/socketfile.h"

static void on_predecessor(sio_courier *courier, sio_letter *letter, const int *fds)
{
    sio_net *net = courier->poll.data;
    if (letter && letter->kind == SIO_LETTER_CONNECTION) {
        sio_relay_take(net, letter, fds[0], SIO_RELAY_FROM_PREDECESSOR);
        return;
    }
    if (letter)
        sio_relay_discard(letter, fds);
    sio_courier_close(courier);
    net->handover->predecessor = NULL;
}

bool sio_handover_is_early(const sio_net *net)
{
    const sio_handover *state = net->handover;
    return state && state->predecessor && !state->announced;
}

/* If it has died meanwhile, nobody has to be told. */
void sio_handover_turn(sio_net *net)
{
    sio_handover *state = net->handover;
    if (!state || state->announced || net->closing)
        return;
    state->announced = true;
    sio_inheritance_close(net);
    const sio_str none = SIO_STR("");
    if (state->predecessor)
        (void)sio_courier_send(state->predecessor, SIO_LETTER_READY, none, none, none, NULL, 0);
}

/* What a process that does not exist any more has left counts as none. */
static int call(int *out, const char *path, uint32_t timeout_ms)
{
    const struct timeval time = { .tv_sec = timeout_ms / 1000,
                                  .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, path, strlen(path));
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return sio_binding_error(errno);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
    int number = 0;
    while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) &&
           (number = errno) == EINTR)
        number = 0;
    if (number == 0) {
        *out = fd;
        return 1;
    }
    close(fd);
    if (number == ENOENT || number == ECONNREFUSED)
        return 0;
    return number == EAGAIN ? SIO_ETIMEOUT : sio_binding_error(number);
}

static int fail(sio_server *server, int err, const char *why)
{
    return sio_core_fail(server, err, SIO_LOG_NET, "cannot take over: %s", why);
}

static int fail_to_hear(sio_server *server, ssize_t len)
{
    if (len == 0 || errno == ECONNRESET || errno == EPIPE)
        return fail(server, SIO_EADDRINUSE, "the old process has closed the connection");
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return fail(server, SIO_ETIMEOUT, "the old process does not answer");
    if (errno == EPROTO)
        return fail(server, SIO_EPARSE,
                    "what answers at the path speaks another protocol, or there are too few "
                    "descriptors for its sockets");
    return fail(server, SIO_ESYSTEM, strerror(errno));
}

static int fail_refused(sio_server *server, const sio_letter *letter)
{
    char why[160];
    if (letter->kind != SIO_LETTER_REFUSE)
        return fail(server, SIO_EPARSE, "the old process answers nonsense");
    snprintf(why, sizeof(why), "the old process says: %.*s",
             (int)(letter->text.len < 120 ? letter->text.len : 120), letter->text.data);
    return fail(server, SIO_EADDRINUSE, why);
}

static int take_door(sio_net *net, int fd, const sio_letter_socket *from)
{
    sio_handover *state = net->handover;
    if (state->door_fd >= 0 || listen(fd, SIO_LIMIT_HANDOVER)) /* who asks is to see this process */
        return SIO_EPARSE;
    state->file = sio_socketfile_adopt(from->path, from->device, from->inode);
    if (!state->file)
        return SIO_ENOMEM;
    state->door_fd = fd;
    return 0;
}

/* The number of sockets; or none has been taken, and all descriptors are closed. */
static int take_all(sio_net *net, const sio_letter *letter, const int *fds)
{
    const size_t before = sio_listen_count(net);
    const char *why = NULL;
    size_t taken = 0;
    int err = 0;
    while (!err && taken < letter->count) {
        const sio_letter_socket *from = &letter->sockets[taken];
        err = from->is_door  ? take_door(net, fds[taken], from)
              : from->is_tls ? sio_inheritance_add(net->handover, fds[taken], from)
                             : sio_listen_take(net, fds[taken], from, &why);
        taken += !err;
    }
    if (!err && net->handover->door_fd < 0)
        err = SIO_EPARSE;
    if (!err)
        return (int)letter->count - 1;
    for (; taken < letter->count; taken++)
        close(fds[taken]);
    sio_listen_leave(net, before);
    sio_inheritance_leave(net->handover);
    return fail(net->server, err, why ? why : sio_err_message(err));
}

/* Reads what the old process answers, and takes it. */
static int hear(sio_net *net, int fd, char *data, sio_letter *letter)
{
    int fds[SIO_LIMIT_HANDOVER];
    size_t count;
    const ssize_t len = sio_courier_get(fd, letter, data, fds, &count);
    if (len <= 0)
        return fail_to_hear(net->server, len);
    if (letter->kind == SIO_LETTER_SOCKETS)
        return take_all(net, letter, fds);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    return fail_refused(net->server, letter);
}

static int ask(sio_net *net, int fd)
{
    int pid;
    if (!sio_courier_is_trusted(fd, &pid))
        return fail(net->server, SIO_EACCESS, "the process that answers is of another user");
    const int number = sio_courier_put(fd, SIO_LETTER_ASK, SIO_STR(""), NULL, 0);
    if (number && number != EPIPE) /* why it has closed may be there to read */
        return fail(net->server, SIO_ESYSTEM, strerror(number));
    char *data = sio_mem_alloc(SIO_COURIER_ROOM);
    sio_letter *letter = sio_mem_alloc(sizeof(*letter));
    const int count = data && letter ? hear(net, fd, data, letter)
                                     : fail(net->server, SIO_ENOMEM, "out of memory");
    if (count >= 0)
        SIO_CORE_LOG(net->server, SIO_LOG_INFO, SIO_LOG_NET, "took %d sockets over from process %d",
                     count, pid);
    sio_mem_free(letter);
    sio_mem_free(data);
    return count;
}

/* The courier first: closed, it goes by itself. */
int sio_handover_take(sio_net *net, const char *path, uint32_t timeout_ms)
{
    const size_t before = sio_listen_count(net);
    int fd = -1;
    int count = call(&fd, path, timeout_ms);
    if (count <= 0)
        return count ? fail(net->server, count, sio_err_message(count)) : SIO_ENOTFOUND;
    count = ask(net, fd);
    if (count < 0) {
        close(fd);
        return count;
    }
    sio_handover *state = net->handover;
    int err = sio_courier_new(&state->predecessor, net, fd, on_predecessor);
    if (err)
        close(fd);
    else if ((err = sio_handover_open_door(net)))
        sio_courier_close(state->predecessor);
    if (!err)
        return count;
    sio_listen_leave(net, before);
    sio_inheritance_leave(state);
    return fail(net->server, err, sio_err_message(err));
}
