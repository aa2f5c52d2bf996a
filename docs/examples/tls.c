/* TLS of its own: PORT CERTIFICATE KEY [AUTHORITIES]. SIGHUP takes new certificates. */
#include <stdio.h>
#include <stdlib.h>

#include <uv.h>

#include <sio/sio.h>
#include <sio/tls.h>

/* [peer] */
static void on_connection(sio_socket *socket, void *data)
{
    const char *subject = sio_socket_subject(socket); /* NULL: it has shown no certificate */
    (void)data;
    sio_socket_emit(socket, "peer", "{s:b,s:s}", "secure", sio_socket_secure(socket), "subject",
                    subject ? subject : "nobody");
}
/* [end] */

static void on_stop(uv_signal_t *handle, int number)
{
    (void)number;
    sio_server_close(handle->data);
}

static void on_closed(sio_server *io, void *data)
{
    (void)io;
    uv_stop(data);
}

/* [reload] */
static void on_hangup(uv_signal_t *handle, int number)
{
    sio_server *io = handle->data;
    (void)number;
    if (sio_server_reload_tls(io))
        fprintf(stderr, "%s\n", sio_server_error(io)); /* those of before stay */
    else
        fprintf(stderr, "certificates have been read anew\n");
}
/* [end] */

static int serve(sio_server *io, char **files, int port)
{
    /* [listen] */
    const sio_tls_certificate certificate = { .certificate = files[0], .key = files[1] };
    const sio_tls_options tls = { .certificates = &certificate,
                                  .certificate_count = 1,
                                  .client_authorities = files[2], /* NULL: none is asked for */
                                  .http2 = true };
    const sio_listen_options where = { .host = "127.0.0.1", .port = (uint16_t)port };
    int err = sio_server_listen_tls(io, &where, &tls);
    /* [end] */
    if (!err)
        printf("listening %u\n", (unsigned)sio_server_port(io));
    fflush(stdout);
    return err;
}

int main(int argc, char **argv)
{
    uv_loop_t loop;
    uv_signal_t stop, hangup;
    sio_server *io;
    if (argc < 4) {
        fprintf(stderr, "%s PORT CERTIFICATE KEY [AUTHORITIES]\n", argv[0]);
        return 2;
    }
    uv_loop_init(&loop);
    const sio_server_options options = { .loop = &loop, .on_closed = on_closed, .data = &loop };
    if (sio_server_new(&io, &options))
        return 1;
    sio_namespace_on_connection(sio_server_of(io, "/"), on_connection, NULL);
    const int err = serve(io, argv + 2, atoi(argv[1]));
    uv_signal_init(&loop, &stop);
    uv_signal_init(&loop, &hangup);
    stop.data = hangup.data = io;
    uv_signal_start(&stop, on_stop, SIGTERM);
    uv_signal_start(&hangup, on_hangup, SIGHUP);
    if (err)
        fprintf(stderr, "%s\n", sio_server_error(io));
    else
        uv_run(&loop, UV_RUN_DEFAULT);
    sio_server_free(io);
    uv_close((uv_handle_t *)&stop, NULL);
    uv_close((uv_handle_t *)&hangup, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return err ? 1 : 0;
}
