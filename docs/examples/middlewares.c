#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "example.h"

/* [first] */
static void log_in(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    const char *user = sio_value_string(sio_value_get(sio_socket_auth(socket), "user"), NULL);
    if (!user) {
        sio_next_refuse(next, "who are you?", "{s:s}", "hint", "send a user");
        return;
    }
    if (sio_socket_set_data(socket, "{s:s}", "user", user))
        sio_next_refuse(next, "out of memory", NULL);
    else
        sio_next_pass(next);
}
/* [end] */

/* [later] */
/* A question to a database, say, whose answer comes by the loop. */
typedef struct lookup {
    uv_timer_t timer;
    sio_next *next;
} lookup;

static void on_lookup_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_found(uv_timer_t *timer)
{
    lookup *self = timer->data;
    sio_next_pass(self->next); /* ignored if the client has left meanwhile */
    uv_close((uv_handle_t *)timer, on_lookup_closed);
}

static void check_database(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket;
    lookup *self = calloc(1, sizeof(*self));
    if (!self || uv_timer_init(data, &self->timer)) {
        free(self);
        sio_next_refuse(next, "try again later", NULL);
        return;
    }
    self->timer.data = self;
    self->next = next;
    uv_timer_start(&self->timer, on_found, 5, 0);
}
/* [end] */

/* [packets] */
static void no_shouting(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                        void *data)
{
    (void)socket, (void)event, (void)data;
    const char *text = sio_args_string(args, 0);
    if (text && strchr(text, '!'))
        sio_next_refuse(next, "do not shout", NULL);
    else
        sio_next_pass(next);
}

static void on_error(sio_socket *socket, const char *message, const sio_value *value, void *data)
{
    (void)value, (void)data;
    sio_socket_emit(socket, "refused", "s", message);
}
/* [end] */

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    sio_ack_send(ack, "sv", sio_value_string(sio_value_get(sio_socket_data(socket), "user"), NULL),
                 sio_args_at(args, 0));
}

static uv_loop_t loop;
static uv_signal_t stop;

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    sio_server_close(signal->data);
    uv_close((uv_handle_t *)signal, NULL);
}

static void on_closed(sio_server *io, void *data)
{
    (void)data;
    sio_server_free(io);
}

static int setup(sio_server *io)
{
    /* [use] */
    sio_namespace *root = sio_server_of(io, "/");
    int err = sio_namespace_use(root, log_in, NULL);
    if (!err)
        err = sio_namespace_use(root, check_database, &loop); /* after it */
    if (!err)
        err = sio_namespace_use_packet(root, no_shouting, NULL);
    sio_namespace_on_error(root, on_error, NULL);
    /* [end] */
    return err ? err : sio_namespace_on(root, "say", on_say, NULL);
}

int main(int argc, char **argv)
{
    sio_server *io;
    uv_loop_init(&loop);
    if (sio_server_new(&io, &(sio_server_options){ .loop = &loop, .on_closed = on_closed }))
        return 1;
    uv_signal_init(&loop, &stop);
    stop.data = io;
    uv_signal_start(&stop, on_signal, SIGTERM);
    if (setup(io) || example_listen(io, argc, argv))
        return 1;
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) ? 1 : 0;
}
