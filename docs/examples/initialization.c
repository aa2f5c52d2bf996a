/* A server on a loop of the application, which also has a timer of its own there. */
#include <uv.h>

#include "example.h"

static uv_signal_t stop;
static uv_timer_t clock_of_ours;

static void on_tick(uv_timer_t *timer)
{
    sio_server *io = timer->data;
    sio_server_stats now;
    sio_server_stats_get(io, &now);
    sio_namespace_emit(sio_server_of(io, "/"), NULL, "clients", "I", (int64_t)now.clients);
}

/* [stop] */
/* The server is closed first; what else is on the loop goes when it has ended. */
static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    sio_server_close(signal->data);
}

static void on_closed(sio_server *io, void *data)
{
    (void)data;
    uv_close((uv_handle_t *)&stop, NULL);
    uv_close((uv_handle_t *)&clock_of_ours, NULL);
    sio_server_free(io);
}
/* [end] */

int main(int argc, char **argv)
{
    /* [loop] */
    uv_loop_t *loop = uv_default_loop();
    sio_server *io;
    if (sio_server_new(&io, &(sio_server_options){ .loop = loop, .on_closed = on_closed }))
        return 1;

    uv_signal_init(loop, &stop);
    uv_timer_init(loop, &clock_of_ours);
    stop.data = clock_of_ours.data = io;
    uv_signal_start(&stop, on_signal, SIGTERM);
    uv_timer_start(&clock_of_ours, on_tick, 20, 20);

    if (example_listen(io, argc, argv))
        sio_server_close(io);
    uv_run(loop, UV_RUN_DEFAULT); /* in place of sio_server_run */
    uv_loop_close(loop);
    /* [end] */
    return 0;
}
