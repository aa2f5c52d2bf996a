#include <stdio.h>

#include "example.h"

/* [emit] */
static void greet(sio_socket *socket)
{
    sio_socket_emit(socket, "hello", NULL);                  /* no arguments */
    sio_socket_emit(socket, "hello", "s", "world");          /* one */
    sio_socket_emit(socket, "hello", "is[bn]", 1, "two", 1); /* 1, "two", [true, null] */
    sio_socket_emit(socket, "hello", "{s:s,s:[ii]}", "name", "ann", "at", 3, 4);
}
/* [end] */

/* [binary] */
static void send_file(sio_socket *socket, const void *bytes, size_t length)
{
    sio_socket_emit(socket, "file", "{s:s,s:B}", "name", "a.bin", "content", bytes, length);
}
/* [end] */

/* [values] */
static int send_json(sio_socket *socket, const char *text, size_t length)
{
    sio_value *value;
    int err = sio_value_from_json(&value, text, length);
    if (err)
        return err; /* not JSON */
    err = sio_socket_emit(socket, "json", "v", value);
    sio_value_free(value);
    return err;
}
/* [end] */

/* [ack] */
static void on_answer(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)data;
    if (error == SIO_ETIMEOUT)
        sio_socket_emit(socket, "result", "s", "too late");
    else if (!error)
        sio_socket_emit(socket, "result", "V", sio_args_array(args));
    /* SIO_ECLOSED: the socket has gone */
}

static int ask(sio_socket *socket, uint32_t timeout_ms)
{
    return sio_socket_emit_ack(socket, timeout_ms, on_answer, NULL, "question", "s", "ready?");
}
/* [end] */

/* [volatile] */
static void send_position(sio_socket *socket, double x, double y)
{
    sio_socket_emit_flags(socket, SIO_VOLATILE, "position", "ff", x, y);
}
/* [end] */

/* [errors] */
static int notify(sio_socket *socket, const char *text)
{
    const int err = sio_socket_emit(socket, "notice", "s", text);
    if (err == SIO_EUTF8)
        fprintf(stderr, "the text is not UTF-8\n");
    else if (err)
        fprintf(stderr, "%s: %s\n", sio_err_name(err), sio_err_message(err));
    return err;
}
/* [end] */

static void on_start(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    static const char json[] = "{\"a\":[1,2.5]}";
    greet(socket);
    send_file(socket, "\1\2", 2);
    int err = send_json(socket, json, sizeof(json) - 1);
    send_position(socket, 1.5, 2);
    if (!err)
        err = ask(socket, (uint32_t)sio_args_int(args, 0));
    sio_ack_send(ack, "bs", err == 0, sio_err_name(notify(socket, "\xff")));
}

static int setup(sio_server *io)
{
    return sio_namespace_on(sio_server_of(io, "/"), "start", on_start, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ 0 }, setup);
}
