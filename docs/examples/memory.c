#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "example.h"

/* [allocator] */
static atomic_size_t taken; /* calls: all threads that use the library come here */

static void *take(size_t size, void *data)
{
    (void)data;
    atomic_fetch_add(&taken, 1);
    return malloc(size);
}

static void *take_more(void *memory, size_t size, void *data)
{
    (void)data;
    return realloc(memory, size);
}

static void give(void *memory, void *data)
{
    (void)data;
    free(memory);
}
/* [end] */

static void on_taken(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)args, (void)data;
    sio_ack_send(ack, "I", (int64_t)atomic_load(&taken));
}

/* [buffered] */
/* A client that does not read is closed at max_buffered; who wants to act before looks here. */
static void on_flood(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    const size_t before = sio_client_buffered(sio_socket_client(socket));
    sio_socket_emit(socket, "flood", "s", "0123456789");
    sio_ack_send(ack, "b", sio_client_buffered(sio_socket_client(socket)) > before);
}
/* [end] */

static int setup(sio_server *io)
{
    const int err = sio_namespace_on(sio_server_of(io, "/"), "taken", on_taken, NULL);
    return err ? err : sio_namespace_on(sio_server_of(io, "/"), "flood", on_flood, NULL);
}

int main(int argc, char **argv)
{
    /* [use] */
    static const sio_allocator ours = { .alloc = take, .realloc = take_more, .free = give };
    if (sio_memory_use(&ours)) /* before anything else of the library */
        return 1;
    /* [end] */
    return example_run(argc, argv, (sio_server_options){ .max_buffered = 1024 * 1024 }, setup);
}
