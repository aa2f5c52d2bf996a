/* The old process's part: who asks for its sockets, and gets them. */
#include "net/handover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "net/listen.h"
#include "net/relay.h"
#include "net/socketfile.h"
#include "net/watch.h"

#define TEXT(number)    #number
#define TEXT_OF(number) TEXT(number)

static void watch_door(sio_net *net);

static void drop_successor(sio_net *net)
{
    sio_courier_close(net->handover->successor);
    net->handover->successor = NULL;
    net->handover->offered = false;
}

static void refuse_asker(sio_net *net, int fd, const char *why)
{
    SIO_CORE_LOG(net->server, SIO_LOG_WARN, SIO_LOG_NET, "no hand-over: %s", why);
    (void)sio_courier_put(fd, SIO_LETTER_REFUSE, sio_str_from(why), NULL, 0);
}

/* The place to ask goes with the sockets. */
static int show_all(const sio_net *net, sio_letter_socket *sockets, int *fds)
{
    const sio_handover *state = net->handover;
    const int count = sio_listen_show(net, sockets, fds, SIO_LIMIT_HANDOVER - 1);
    if (count <= 0)
        return count;
    sockets[count] = (sio_letter_socket){ .is_door = 1 };
    (void)snprintf(sockets[count].path, sizeof(sockets[count].path), "%s",
                   sio_socketfile_show(state->file, &sockets[count].device, &sockets[count].inode));
    fds[count] = state->door_fd;
    return count + 1;
}

static void offer(sio_net *net, sio_courier *asker)
{
    sio_letter_socket *sockets = sio_mem_alloc(SIO_LIMIT_HANDOVER * sizeof(*sockets));
    int fds[SIO_LIMIT_HANDOVER];
    const int count = sockets ? show_all(net, sockets, fds) : SIO_ENOMEM;
    const char *why = count == 0  ? "it listens nowhere"
                      : count < 0 ? sio_err_message(count)
                                  : "the process that asked has gone";
    if (count > 0 && sio_courier_put(asker->fd, SIO_LETTER_SOCKETS,
                                     (sio_str){ (char *)sockets, (size_t)count * sizeof(*sockets) },
                                     fds, (size_t)count) == 0) {
        net->handover->offered = true;
        SIO_CORE_LOG(net->server, SIO_LOG_INFO, SIO_LOG_NET,
                     "process %d has been given %d sockets, and is expected to serve",
                     net->handover->successor_pid, count - 1);
    } else {
        refuse_asker(net, asker->fd, why);
        drop_successor(net);
    }
    sio_mem_free(sockets);
}

/* Nobody but the new process accepts from here on; it has the sockets, and what waits in them. */
static void hand_over(sio_net *net)
{
    sio_handover *state = net->handover;
    sio_server *server = net->server;
    SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_NET, "handed over to process %d",
                 state->successor_pid);
    state->handed = true;
    net->scarce = false; /* what libuv has accepted and we have not taken would be lost */
    sio_listen_resume(net);
    sio_listen_leave(net, 0);
    sio_watch_hand_over(net);
    sio_handover_shut(net);
    if (sio_server_drain(server, &state->drain))
        sio_server_close(server);
    server->departures.welcoming = true;
    if (!state->on_handed_over)
        return;
    sio_core_enter(server);
    state->on_handed_over(server, state->data);
    sio_core_leave(server);
}

static void lose_successor(sio_net *net)
{
    sio_handover *state = net->handover;
    if (!state->offered)
        refuse_asker(net, state->successor->fd,
                     "nothing that version " TEXT_OF(SIO_LETTER_VERSION) " understands was asked");
    else if (!state->handed)
        SIO_CORE_LOG(net->server, SIO_LOG_WARN, SIO_LOG_NET,
                     "process %d has gone without serving: this one goes on", state->successor_pid);
    drop_successor(net);
}

static void on_successor(sio_courier *courier, sio_letter *letter, const int *fds)
{
    sio_net *net = courier->poll.data;
    sio_handover *state = net->handover;
    if (!letter)
        lose_successor(net);
    else if (letter->kind == SIO_LETTER_CONNECTION)
        sio_relay_take(net, letter, fds[0], SIO_RELAY_FROM_SUCCESSOR);
    else if (letter->kind == SIO_LETTER_ASK && !state->offered)
        offer(net, courier);
    else if (letter->kind == SIO_LETTER_READY && state->offered && !state->handed && !net->closing)
        hand_over(net);
    else
        sio_relay_discard(letter, fds);
}

static void admit(sio_net *net, int fd)
{
    sio_handover *state = net->handover;
    const char *why = NULL;
    if (!sio_courier_is_trusted(fd, &state->successor_pid))
        why = "the process that asks is of another user";
    else if (sio_courier_new(&state->successor, net, fd, on_successor))
        why = "out of memory";
    if (!why)
        return;
    refuse_asker(net, fd, why);
    close(fd);
}

static void on_door(uv_poll_t *poll, int status, int events)
{
    sio_net *net = poll->data;
    (void)status, (void)events;
    sio_net_now(net);
    const int fd = accept4(net->handover->door_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)) {
        uv_poll_stop(poll);
        sio_net_stall(net);
    } else if (fd >= 0 && net->handover->successor) {
        refuse_asker(net, fd, "another process is taking its place already");
        close(fd);
    } else if (fd >= 0) {
        admit(net, fd);
    }
}

static void watch_door(sio_net *net)
{
    uv_poll_start(&net->handover->door, UV_READABLE, on_door);
}

void sio_handover_resume(sio_net *net)
{
    if (net->handover && net->handover->door_fd >= 0)
        watch_door(net);
}

int sio_handover_open_door(sio_net *net)
{
    sio_handover *state = net->handover;
    if (uv_poll_init(net->loop, &state->door, state->door_fd))
        return SIO_ESYSTEM;
    state->door.data = net;
    net->handles++;
    uv_unref((uv_handle_t *)&state->door);
    watch_door(net);
    return 0;
}

static void on_door_closed(uv_handle_t *handle)
{
    sio_net_handle_closed(handle);
}

/* A file that another process may have goes with the socket. */
void sio_handover_shut(sio_net *net)
{
    sio_handover *state = net->handover;
    if (!state || state->door_fd < 0)
        return;
    if (state->offered || sio_handover_is_early(net))
        sio_socketfile_leave(state->file);
    else
        sio_socketfile_close(state->file);
    state->file = NULL;
    uv_poll_stop(&state->door);
    close(state->door_fd);
    state->door_fd = -1;
    sio_net_close_handle((uv_handle_t *)&state->door, on_door_closed);
}

bool sio_handover_idle(const sio_net *net)
{
    const sio_handover *state = net->handover;
    return !state || !state->successor || !state->handed || state->successor->queued == 0;
}

void sio_handover_cut(sio_net *net)
{
    if (net->handover && net->handover->successor)
        drop_successor(net);
}
