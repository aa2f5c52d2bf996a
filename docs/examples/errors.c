#include <stdio.h>
#include <string.h>

#include "example.h"

/* [refused] */
static void on_connection_error(sio_server *io, const sio_connection_error *error, void *data)
{
    (void)io, (void)data;
    fprintf(stderr, "%s: code %d, %s (%s)\n",
            error->request ? sio_http_request_address(error->request) : "?", error->code,
            error->message, error->context ? error->context : "nothing more to say");
}
/* [end] */

/* [answer] */
/* As an acknowledgement: null, or what went wrong. */
static void answer(sio_ack *ack, int err, const char *what)
{
    if (err)
        sio_ack_send(ack, "{s:s,s:s}", "error", sio_err_name(err), "message", what);
    else
        sio_ack_send(ack, "n");
}

static void on_save(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const char *text = sio_args_string(args, 0);
    if (!text || strlen(text) > 100) {
        answer(ack, SIO_EINVAL, "save takes a text of at most 100 bytes");
        return;
    }
    answer(ack, sio_socket_set_data(socket, "{s:s}", "text", text), "it could not be kept");
}
/* [end] */

/* [reserved] */
static void on_forward(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const char *event = sio_args_string(args, 0);
    const int err =
        event ? sio_socket_broadcast(socket, NULL, event, "V#", sio_args_array(args), (size_t)1)
              : SIO_EINVAL;
    answer(ack, err, err ? sio_err_message(err) : NULL); /* SIO_ERESERVED for "connect" */
}
/* [end] */

static int setup(sio_server *io)
{
    /* [listen] */
    const int wrong = sio_server_listen(io, "example.org", 3000); /* no number */
    if (wrong)
        fprintf(stderr, "%s: %s\n", sio_err_name(wrong), sio_server_error(io));
    /* [end] */
    const int err = sio_namespace_on(sio_server_of(io, "/"), "save", on_save, NULL);
    return err ? err : sio_namespace_on(sio_server_of(io, "/"), "forward", on_forward, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv,
                       (sio_server_options){ .on_connection_error = on_connection_error }, setup);
}
