/* Metrics, health and readiness on a listener of its own. */
#include <stdio.h>
#include <stdlib.h>

#include "example.h"

static bool warm; /* whatever the application has to load first */

/* [ready] */
static const char *ready(sio_server *io, void *data)
{
    (void)io, (void)data;
    return warm ? NULL : "the cache is cold";
}
/* [end] */

static void on_warm(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    warm = sio_args_bool(args, 0);
    sio_ack_send(ack, NULL);
}

/* [walk] */
static void print(const sio_metric *metric, void *data)
{
    FILE *out = data;
    if (metric->type != SIO_METRIC_HISTOGRAM)
        fprintf(out, "%s %s %g\n", metric->name, metric->label_value ? metric->label_value : "-",
                metric->value);
}

static void on_print(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_server_metrics_each(sio_socket_server(socket), print, stderr);
    sio_ack_send(ack, NULL);
}
/* [end] */

static int listen_for_metrics(sio_server *io, uint16_t port)
{
    /* [listen] */
    const sio_metrics_options metrics = { .host = "127.0.0.1", .port = port, .ready = ready };
    const int err = sio_server_listen_metrics(io, &metrics);
    if (!err)
        printf("metrics at port %u\n", (unsigned)sio_server_metrics_port(io));
    /* [end] */
    return err;
}

static int setup(sio_server *io)
{
    const char *port = getenv("METRICS_PORT"); /* 0: any free one */
    int err = listen_for_metrics(io, port ? (uint16_t)strtoul(port, NULL, 10) : 9464);
    if (!err)
        err = sio_namespace_on(sio_server_of(io, "/"), "warm", on_warm, NULL);
    if (!err)
        err = sio_namespace_on(sio_server_of(io, "/"), "print", on_print, NULL);
    return err;
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
