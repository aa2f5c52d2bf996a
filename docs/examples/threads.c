#include <pthread.h>
#include <stdlib.h>

#include "example.h"

/* [work] */
typedef struct job {
    sio_server *io;
    sio_ack *ack; /* touched on the thread of the loop only */
    pthread_t thread;
    int64_t n, result;
} job;

/* On the loop's thread again. */
static void on_done(sio_server *io, void *data)
{
    (void)io;
    job *self = data;
    pthread_join(self->thread, NULL);
    sio_ack_send(self->ack, "I", self->result);
    sio_ack_unref(self->ack);
    free(self);
}

static void *work(void *data)
{
    job *self = data;
    for (int64_t i = 1; i <= self->n; i++)
        self->result += i;
    if (sio_server_post(self->io, on_done, self))
        abort(); /* the server must not close while jobs are under way */
    return NULL;
}

static void on_compute(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    job *self = calloc(1, sizeof(*self));
    if (!self)
        return;
    *self = (job){ .io = sio_socket_server(socket), .n = sio_args_int(args, 0) };
    self->ack = sio_ack_ref(ack);
    if (pthread_create(&self->thread, NULL, work, self)) {
        sio_ack_unref(self->ack);
        free(self);
    }
}
/* [end] */

/* [emit] */
/* A sensor that is read by a thread of its own. */
static void *measure(void *data)
{
    sio_server *io = data;
    for (int i = 0; i < 3; i++)
        if (sio_server_post_emit(io, "/", &(sio_target){ .rooms = SIO_ROOMS("screens") },
                                 "measured", "{s:i}", "value", i))
            break; /* SIO_ELIMIT: the loop does not keep up; SIO_ECLOSED: it has ended */
    return NULL;
}
/* [end] */

static void on_measure(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    pthread_t thread;
    sio_socket_join(socket, "screens");
    if (pthread_create(&thread, NULL, measure, sio_socket_server(socket)))
        return;
    pthread_join(thread, NULL);
    sio_ack_send(ack, NULL);
}

static int setup(sio_server *io)
{
    const int err = sio_namespace_on(sio_server_of(io, "/"), "compute", on_compute, NULL);
    return err ? err : sio_namespace_on(sio_server_of(io, "/"), "measure", on_measure, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
