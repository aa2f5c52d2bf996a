#include <stdlib.h>

#include "example.h"

/* [once] */
/* The client sends each order with an id, and again until it is acknowledged: the same id twice is
 * one order. A real application keeps the ids in its database. */
#define IDS 1024
static int64_t seen[IDS];
static size_t seen_count;
static int orders;

static bool is_new(int64_t id)
{
    for (size_t i = 0; i < seen_count && i < IDS; i++)
        if (seen[i] == id)
            return false;
    seen[seen_count++ % IDS] = id;
    return true;
}

static void on_order(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    if (is_new(sio_args_int(args, 0)))
        orders++;
    sio_ack_send(ack, "i", orders);
}
/* [end] */

/* [offset] */
/* Events have numbers; a client that comes back says the last one it has in its auth. */
#define KEPT 256
static sio_value *events[KEPT];
static int64_t last;

static int publish(sio_namespace *nsp, const sio_value *event)
{
    sio_value *copy;
    const int err = sio_value_copy(&copy, event);
    if (err)
        return err;
    sio_value_free(events[last % KEPT]);
    events[last++ % KEPT] = copy;
    return sio_namespace_emit(nsp, NULL, "event", "Iv", last, copy);
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    const sio_value *offset = sio_value_get(sio_socket_auth(socket), "offset");
    int64_t next = sio_value_int(offset);
    if (!offset || next < 0)
        return;
    if (next < last - KEPT)
        next = last - KEPT;
    for (; next < last; next++)
        sio_socket_emit(socket, "event", "Iv", next + 1, events[next % KEPT]);
}
/* [end] */

static void on_publish(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    sio_ack_send(ack, "b", publish(sio_socket_namespace(socket), sio_args_at(args, 0)) == 0);
}

static int setup(sio_server *io)
{
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    const int err = sio_namespace_on(root, "publish", on_publish, NULL);
    return err ? err : sio_namespace_on(root, "order", on_order, NULL);
}

int main(int argc, char **argv)
{
    const int status = example_run(argc, argv, (sio_server_options){ 0 }, setup);
    for (size_t i = 0; i < KEPT; i++)
        sio_value_free(events[i]);
    return status;
}
