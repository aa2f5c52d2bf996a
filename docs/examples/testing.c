/* A small application, and nothing else: its tests are in tests/interop/guide.test.js. */
#include "example.h"

static void on_add(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    int64_t *sum = data;
    *sum += sio_args_int(args, 0);
    sio_ack_send(ack, "I", *sum);
}

static int setup(sio_server *io)
{
    static int64_t sum;
    return sio_namespace_on(sio_server_of(io, "/"), "add", on_add, &sum);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
