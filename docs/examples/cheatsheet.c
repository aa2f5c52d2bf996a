#include "example.h"

/* [replies] */
static void on_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)data;
    sio_socket_emit(socket, "reply", "bv", error == 0, sio_args_at(args, 0));
}

static void on_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)data;
    sio_namespace_emit(nsp, NULL, "answers", "v", answers->values);
}
/* [end] */

static int one_socket(sio_socket *socket)
{
    /* [socket] */
    /* socket.emit("a", 1, "2", { three: [4] }) */
    int err = sio_socket_emit(socket, "a", "is{s:[i]}", 1, "2", "three", 4);

    /* socket.send("hi") */
    err |= sio_socket_send_message(socket, "s", "hi");

    /* socket.volatile.emit("b"), socket.compress(false).emit("c") */
    err |= sio_socket_emit_flags(socket, SIO_VOLATILE, "b", NULL);
    err |= sio_socket_emit_flags(socket, SIO_UNCOMPRESSED, "c", NULL);

    /* socket.emit("d", (value) => …), socket.timeout(5000).emit("e", (error, value) => …) */
    err |= sio_socket_emit_ack(socket, 0, on_reply, NULL, "d", NULL);
    err |= sio_socket_emit_ack(socket, 5000, on_reply, NULL, "e", "i", 1);
    /* [end] */
    return err;
}

static int others(sio_socket *socket, const char *id)
{
    /* [others] */
    /* socket.broadcast.emit("f") */
    int err = sio_socket_broadcast(socket, NULL, "f", NULL);

    /* socket.to("blue").emit("g"), socket.to("blue").to("red").emit("h") */
    err |= sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS("blue") }, "g", NULL);
    err |=
        sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS("blue", "red") }, "h", NULL);

    /* socket.broadcast.except("blue").emit("i") */
    err |= sio_socket_broadcast(socket, &(sio_target){ .except = SIO_ROOMS("blue") }, "i", NULL);

    /* socket.to(id).emit("j", "for you") */
    err |=
        sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(id) }, "j", "s", "for you");

    /* socket.local.emit("k") */
    err |= sio_socket_broadcast(socket, &(sio_target){ .flags = SIO_LOCAL }, "k", NULL);
    /* [end] */
    return err;
}

static int everybody(sio_server *io, const char *id)
{
    /* [server] */
    sio_namespace *root = sio_server_of(io, "/");

    /* io.emit("l"), io.of("/admin").emit("m") */
    int err = sio_namespace_emit(root, NULL, "l", NULL);
    err |= sio_namespace_emit(sio_server_of(io, "/admin"), NULL, "m", NULL);

    /* io.send("to all") */
    err |= sio_namespace_emit(root, NULL, "message", "s", "to all");

    /* io.to("blue").except("red").emit("n") */
    err |= sio_namespace_emit(
        root, &(sio_target){ .rooms = SIO_ROOMS("blue"), .except = SIO_ROOMS("red") }, "n", NULL);

    /* io.to(id).emit("o"), io.local.volatile.emit("p") */
    err |= sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS(id) }, "o", NULL);
    err |= sio_namespace_emit(root, &(sio_target){ .flags = SIO_LOCAL | SIO_VOLATILE }, "p", NULL);

    /* io.timeout(5000).emit("q", (error, answers) => …) */
    err |= sio_namespace_emit_ack(root, &(sio_target){ .timeout_ms = 5000 }, on_answers, NULL, "q",
                                  NULL);

    /* io.serverSideEmit("r", 1): to the other nodes of the cluster */
    err |= sio_namespace_server_side_emit(root, "r", "i", 1);
    /* [end] */
    return err;
}

static int orders(sio_server *io)
{
    /* [orders] */
    sio_namespace *root = sio_server_of(io, "/");
    const sio_target blue = { .rooms = SIO_ROOMS("blue") };

    /* io.in("blue").socketsJoin(["x", "y"]), io.in("blue").socketsLeave("y") */
    int err = sio_namespace_sockets_join(root, &blue, SIO_ROOMS("x", "y"));
    err |= sio_namespace_sockets_leave(root, &blue, SIO_ROOMS("y"));

    /* io.in("nobody").disconnectSockets(true) */
    err |=
        sio_namespace_disconnect_sockets(root, &(sio_target){ .rooms = SIO_ROOMS("nobody") }, true);
    /* [end] */
    return err;
}

static void on_go(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const char *id = sio_args_string(args, 0);
    sio_server *io = sio_socket_server(socket);
    sio_ack_send(ack, "b",
                 one_socket(socket) == 0 && others(socket, id) == 0 && everybody(io, id) == 0 &&
                     orders(io) == 0);
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    const char *color = sio_value_string(sio_value_get(sio_socket_auth(socket), "color"), NULL);
    if (color)
        sio_socket_join(socket, color);
}

static int setup(sio_server *io)
{
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    if (!sio_server_of(io, "/admin"))
        return SIO_ENOMEM;
    return sio_namespace_on(root, "go", on_go, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
