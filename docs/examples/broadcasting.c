#include "example.h"

/* [all] */
static void on_all(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    sio_namespace_emit(sio_socket_namespace(socket), NULL, "all", "V", sio_args_array(args));
}
/* [end] */

/* [others] */
static void on_others(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    sio_socket_broadcast(socket, NULL, "others", "V", sio_args_array(args));
}
/* [end] */

/* [local] */
static void on_local(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)ack, (void)data;
    const sio_target here = { .flags = SIO_LOCAL | SIO_VOLATILE };
    sio_namespace_emit(sio_socket_namespace(socket), &here, "local", NULL);
}
/* [end] */

/* [acks] */
static void on_votes(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)data;
    sio_namespace_emit(nsp, NULL, "votes", "{s:v,s:i,s:b}", "votes", answers->values, "asked",
                       (int)answers->clients, "complete", answers->error == 0);
}

static void on_vote(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    const sio_target everyone = { .timeout_ms = 5000 };
    int err = sio_namespace_emit_ack(sio_socket_namespace(socket), &everyone, on_votes, NULL,
                                     "your vote", NULL);
    sio_ack_send(ack, "b", err == 0);
}
/* [end] */

static int setup(sio_server *io)
{
    sio_namespace *root = sio_server_of(io, "/");
    int err = sio_namespace_on(root, "all", on_all, NULL);
    if (!err)
        err = sio_namespace_on(root, "others", on_others, NULL);
    if (!err)
        err = sio_namespace_on(root, "local", on_local, NULL);
    return err ? err : sio_namespace_on(root, "vote", on_vote, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
