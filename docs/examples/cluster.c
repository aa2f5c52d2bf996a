#include <stdio.h>
#include <unistd.h>

#include "example.h"

/* [link] */
static void on_cluster(sio_server *io, sio_cluster_state state, const char *detail, void *data)
{
    (void)io, (void)data;
    fprintf(stderr, "Redis: %s %s\n", sio_cluster_state_text(state), detail ? detail : "");
}
/* [end] */

/* [server-side] */
static void on_version(sio_namespace *nsp, const char *event, const sio_args *args,
                       sio_server_side_ack *ack, void *data)
{
    (void)nsp, (void)event, (void)args, (void)data;
    sio_server_side_ack_send(ack, "{s:i}", "pid", (int)getpid());
}

static void on_versions(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)nsp;
    sio_ack_send(data, "iv", answers->error, answers->values);
    sio_ack_unref(data);
}

static void on_ask_nodes(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    if (sio_namespace_server_side_emit_ack(sio_socket_namespace(socket), 5000, on_versions,
                                           sio_ack_ref(ack), "version", NULL))
        sio_ack_unref(ack);
}
/* [end] */

/* [count] */
static void on_counted(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)nsp;
    sio_ack_send(data, "v", sio_value_at(answers->values, 0));
    sio_ack_unref(data);
}

static void on_nodes(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    if (sio_namespace_server_count(sio_socket_namespace(socket), 0, on_counted, sio_ack_ref(ack)))
        sio_ack_unref(ack);
}
/* [end] */

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    sio_socket_broadcast(socket, NULL, "said", "V", sio_args_array(args));
}

static int setup(sio_server *io)
{
    sio_namespace *root = sio_server_of(io, "/");
    int err = sio_namespace_on_server_side_emit(root, "version", on_version, NULL);
    if (!err)
        err = sio_namespace_on(root, "say", on_say, NULL);
    if (!err)
        err = sio_namespace_on(root, "ask nodes", on_ask_nodes, NULL);
    return err ? err : sio_namespace_on(root, "nodes", on_nodes, NULL);
}

int main(int argc, char **argv)
{
    /* [options] */
    const sio_server_options options = {
        .redis = argc > 2 ? argv[2] : "redis://127.0.0.1:6379",
        .adapter = SIO_ADAPTER_CLASSIC,
        .redis_subscribe = SIO_SUBSCRIBE_AUTO,
        .redis_specific_response_channel = true,
        .on_cluster = on_cluster,
    };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
