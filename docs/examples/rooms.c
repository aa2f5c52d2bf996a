#include <stdio.h>
#include <string.h>

#include "example.h"

/* [join] */
static void on_join(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const char *room = sio_args_string(args, 0);
    const int err = room ? sio_socket_join(socket, room) : SIO_EINVAL;
    sio_ack_send(ack, "s", err ? sio_err_message(err) : NULL); /* null: done */
}

static void on_leave(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const char *room = sio_args_string(args, 0);
    if (room)
        sio_socket_leave(socket, room);
    sio_ack_send(ack, "i", (int)sio_socket_room_count(socket));
}
/* [end] */

/* [emit] */
static void on_news(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    const sio_target readers = { .rooms = SIO_ROOMS("sports", "politics"),
                                 .except = SIO_ROOMS("muted") };
    /* to everybody in either room, once */
    sio_namespace_emit(sio_socket_namespace(socket), &readers, "news", "V", sio_args_array(args));
}
/* [end] */

/* [user] */
/* All tabs and devices of one user are in a room of the user's name. A name that was cut off would
 * lead into the room of somebody else: it is refused. */
static bool room_of(const char *user, char *room, size_t size)
{
    const int length = snprintf(room, size, "user:%s", user);
    return length >= 0 && (size_t)length < size;
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    const char *user = sio_value_string(sio_value_get(sio_socket_auth(socket), "user"), NULL);
    char room[64];
    if (!user)
        return;
    if (!room_of(user, room, sizeof(room)) || sio_socket_join(socket, room))
        sio_socket_disconnect(socket, true);
}

static void on_tell(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const char *user = sio_args_string(args, 0);
    char room[64];
    if (!user || !room_of(user, room, sizeof(room))) {
        sio_ack_send(ack, "b", 0);
        return;
    }
    sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(room) }, "told", "V#",
                         sio_args_array(args), (size_t)1);
    sio_ack_send(ack, "b", 1);
}
/* [end] */

/* [leaving] */
static void on_disconnecting(sio_socket *socket, const char *reason, void *data)
{
    (void)reason, (void)data;
    for (size_t i = 1; i < sio_socket_room_count(socket); i++) { /* 0 is its own id */
        const char *room = sio_socket_room_at(socket, i);
        sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(room) }, "gone", "ss", room,
                             sio_socket_id(socket));
    }
}
/* [end] */

/* [events] */
static void on_created(sio_namespace *nsp, const char *room, void *data)
{
    (void)nsp, (void)data;
    fprintf(stderr, "room %s is there\n", room);
}

static void on_deleted(sio_namespace *nsp, const char *room, void *data)
{
    (void)nsp, (void)data;
    fprintf(stderr, "room %s is empty\n", room);
}
/* [end] */

/* [each] */
static void remind(sio_socket *socket, void *data)
{
    (void)data;
    sio_socket_emit(socket, "reminder", "i", (int)sio_socket_room_count(socket));
}

static void on_remind(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    sio_namespace *nsp = sio_socket_namespace(socket);
    const char *room = sio_args_string(args, 0);
    int err = SIO_EINVAL;
    if (room)
        err = sio_namespace_each(nsp, &(sio_target){ .rooms = SIO_ROOMS(room) }, remind, NULL);
    sio_ack_send(ack, "i", err ? err : (int)sio_namespace_room_size(nsp, room));
}
/* [end] */

static int setup(sio_server *io)
{
    static const sio_room_events told = { .created = on_created, .deleted = on_deleted };
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    sio_namespace_on_disconnecting(root, on_disconnecting, NULL);
    int err = sio_namespace_on_rooms(root, &told, NULL);
    if (!err)
        err = sio_namespace_on(root, "join", on_join, NULL);
    if (!err)
        err = sio_namespace_on(root, "leave", on_leave, NULL);
    if (!err)
        err = sio_namespace_on(root, "news", on_news, NULL);
    if (!err)
        err = sio_namespace_on(root, "tell", on_tell, NULL);
    return err ? err : sio_namespace_on(root, "remind", on_remind, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
