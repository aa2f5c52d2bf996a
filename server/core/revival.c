/* Recovery as a socket sees it: what it has of it, how it comes back, and how it goes. */
#include "core/recovery.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/legacy.h"
#include "core/middleware.h"
#include "core/parser.h"

#define PID_SIZE 20 /* characters, as in the reference */

/* What a socket has of it. */
struct sio_revival {
    sio_restorer restorer; /* first */
    sio_socket *socket;
    bool waiting; /* for the session */
    bool recovered;
    char pid[PID_SIZE + 1];
    uint32_t held_count;
    uint32_t held_cap;
    size_t held_bytes;
    sio_frame **held; /* chains that go out when it connects */
};

/* ---- what is held for a socket ---- */

static bool keep(struct sio_revival *revival, sio_frame *chain)
{
    const uint32_t count = revival->held_count;
    if (count == revival->held_cap) {
        const uint32_t cap = count ? 2 * count : 8;
        sio_frame **held = sio_mem_realloc(revival->held, cap * sizeof(sio_frame *));
        if (!held)
            return false;
        revival->held = held;
        revival->held_cap = cap;
    }
    revival->held[revival->held_count++] = sio_frame_ref(chain);
    revival->held_bytes += sio_frame_chain_bytes(chain) + SIO_LIMIT_MESSAGE_COST;
    return true;
}

static void drop_held(struct sio_revival *revival)
{
    for (uint32_t i = 0; i < revival->held_count; i++)
        sio_frame_unref(revival->held[i]);
    sio_mem_free(revival->held);
    revival->held = NULL;
    revival->held_count = revival->held_cap = 0;
    revival->held_bytes = 0;
}

bool sio_recovery_holds(const sio_socket *socket)
{
    return socket->state == SIO_SOCKET_PENDING && socket->revival && socket->revival->recovered;
}

void sio_recovery_hold(sio_socket *socket, sio_frame *chain)
{
    if (!keep(socket->revival, chain))
        sio_client_fail(socket->client, "out of memory");
    else if (socket->revival->held_bytes > socket->client->server->max_buffered)
        sio_client_fail(socket->client, "more than max_buffered bytes wait for its middlewares");
}

void sio_recovery_deliver(sio_socket *socket)
{
    struct sio_revival *revival = socket->revival;
    if (!revival)
        return;
    for (uint32_t i = 0; i < revival->held_count; i++)
        (void)sio_client_queue(socket->client, revival->held[i], false);
    drop_held(revival);
}

/* ---- coming back ---- */

/* SIO_ELIMIT: it missed more than a client may have waiting. */
static int hold_missed(struct sio_revival *revival, const sio_value *missed, size_t count)
{
    sio_socket *socket = revival->socket;
    sio_packet packet = { .type = SIO_PACKET_EVENT, .nsp = sio_namespace_str(socket->nsp) };
    int err = 0;
    for (size_t i = 0; !err && i < count; i++) {
        sio_frame *chain;
        packet.data = missed[i];
        err = sio_parser_encode(socket->nsp->server, &packet, &chain);
        if (err)
            break;
        if (!keep(revival, chain))
            err = SIO_ENOMEM;
        sio_frame_unref(chain);
        if (revival->held_bytes > socket->nsp->server->max_buffered)
            err = SIO_ELIMIT;
    }
    return err;
}

static int enter_rooms(sio_socket *socket, const sio_session *session)
{
    sio_rooms *rooms = socket->nsp->rooms;
    bool own = false;
    int err = sio_rooms_add(rooms, &socket->member);
    for (size_t i = 0; !err && i < session->rooms_count; i++) {
        const sio_str room = session->rooms[i];
        if (sio_str_equal(room, session->sid))
            own = true;
        else
            err = sio_rooms_join(rooms, &socket->member, room);
    }
    if (!err && !own)
        sio_rooms_leave(rooms, &socket->member, session->sid);
    return err;
}

static bool is_ours(const sio_socket *socket, const sio_session *session)
{
    return session->sid.len == SIO_ROOMS_ID_SIZE && session->pid.len == PID_SIZE &&
           !sio_rooms_member(socket->nsp->rooms, session->sid);
}

/* Nobody has seen the socket yet: it becomes the one that was. */
static int adopt(struct sio_revival *revival, const sio_session *session, const sio_value *missed,
                 size_t missed_count)
{
    sio_socket *socket = revival->socket;
    if (!is_ours(socket, session))
        return SIO_EINVAL;
    const int err = hold_missed(revival, missed, missed_count);
    if (err)
        return err;
    memcpy(socket->member.id, session->sid.data, SIO_ROOMS_ID_SIZE);
    memcpy(revival->pid, session->pid.data, PID_SIZE);
    const bool has_data = session->data.type != SIO_TYPE_UNDEFINED;
    if (enter_rooms(socket, session) ||
        (has_data && sio_socket_set_data(socket, "v", &session->data)))
        sio_client_fail(socket->client, "out of memory");
    revival->recovered = true;
    socket->nsp->server->stats.sessions_restored++;
    return 0;
}

static void begin_anew(struct sio_revival *revival)
{
    drop_held(revival);
    sio_core_id(revival->socket->nsp->server, revival->pid);
    sio_middleware_start(revival->socket);
}

static void on_answer(sio_restorer *restorer, const sio_session *session, const sio_value *missed,
                      size_t missed_count)
{
    struct sio_revival *revival = (struct sio_revival *)(void *)restorer;
    sio_socket *socket = revival->socket;
    revival->waiting = false;
    const int err = session ? adopt(revival, session, missed, missed_count) : SIO_ENOTFOUND;
    if (session && err)
        SIO_CORE_LOG(socket->nsp->server, SIO_LOG_INFO, SIO_LOG_SOCKET,
                     "a session was not recovered: %s", sio_err_message(err));
    if (err)
        begin_anew(revival);
    else if (socket->nsp->server->recovery_middlewares)
        sio_middleware_start(socket);
    else
        sio_socket_connect(socket);
}

static sio_str text_of(const sio_value *auth, const char *name)
{
    const sio_value *value = sio_value_get(auth, name);
    if (sio_value_type(value) != SIO_TYPE_STRING)
        return (sio_str){ NULL, 0 };
    return (sio_str){ value->as.text, value->count };
}

static void look_for(struct sio_revival *revival)
{
    sio_socket *socket = revival->socket;
    sio_recovery *recovery = socket->nsp->server->recovery;
    const sio_str pid = text_of(socket->auth, "pid"), offset = text_of(socket->auth, "offset");
    if (pid.len != PID_SIZE || !offset.data || offset.len >= SIO_OFFSET_SIZE) {
        begin_anew(revival);
        return;
    }
    revival->waiting = true;
    recovery->ops->restore(recovery, sio_namespace_str(socket->nsp), pid, offset,
                           sio_core_now(socket->nsp->server), &revival->restorer);
}

void sio_recovery_start(sio_socket *socket)
{
    if (!socket->nsp->server->recovery || sio_client_is_legacy(socket->client)) {
        sio_middleware_start(socket);
        return;
    }
    struct sio_revival *revival = sio_mem_zalloc(sizeof(*revival));
    if (!revival) {
        sio_client_fail(socket->client, "out of memory");
        return;
    }
    revival->restorer.answer = on_answer;
    revival->socket = socket;
    socket->revival = revival;
    look_for(revival);
}

bool sio_socket_recovered(const sio_socket *socket)
{
    return socket->revival && socket->revival->recovered;
}

sio_str sio_recovery_pid(const sio_socket *socket)
{
    return sio_str_from(socket->revival ? socket->revival->pid : NULL);
}

/* ---- going ---- */

static bool may_return(const char *reason)
{
    static const char *const reasons[] = { "buffer overflow",    "transport error",
                                           "transport close",    "forced close",
                                           "ping timeout",       "server shutting down",
                                           "forced server close" };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
        if (strcmp(reason, reasons[i]) == 0)
            return true;
    return false;
}

static int persist(sio_socket *socket, sio_arena *arena)
{
    sio_server *server = socket->nsp->server;
    const sio_member *member = &socket->member;
    const sio_value *data = sio_socket_data(socket);
    const size_t count = sio_rooms_of_count(member);
    sio_str *rooms = sio_arena_alloc(arena, (count + 1) * sizeof(*rooms));
    if (!rooms)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++)
        rooms[i] = sio_rooms_of(member, i);
    const sio_session session = {
        .nsp = sio_namespace_str(socket->nsp),
        .sid = sio_member_id(member),
        .pid = sio_recovery_pid(socket),
        .rooms = rooms,
        .rooms_count = count,
        .data = data ? *data : (sio_value){ .type = SIO_TYPE_UNDEFINED },
    };
    return server->recovery->ops->persist(server->recovery, &session, sio_core_now(server));
}

void sio_recovery_leave(sio_socket *socket, const char *reason)
{
    sio_server *server = socket->nsp->server;
    if (!server->recovery || !socket->revival || !may_return(reason))
        return;
    sio_arena arena = sio_core_borrow(server);
    const int err = persist(socket, &arena);
    sio_core_give_back(server, &arena);
    if (err)
        SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_SOCKET, "a session is not kept: %s",
                     sio_err_message(err));
}

void sio_recovery_forget(sio_socket *socket)
{
    struct sio_revival *revival = socket->revival;
    sio_recovery *recovery = socket->nsp->server->recovery;
    if (!revival || !revival->waiting)
        return;
    revival->waiting = false;
    recovery->ops->forget(recovery, &revival->restorer);
}

void sio_recovery_free(sio_socket *socket)
{
    if (!socket->revival)
        return;
    drop_held(socket->revival);
    sio_mem_free(socket->revival);
}
