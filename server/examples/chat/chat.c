/* A chat of rooms. One node is enough; with --redis any number of them are one chat. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sio/sio.h>
#include <sio/tls.h>

#include "chat/options.h"

#define NICK_MAX 24
#define ROOM_MAX 32
#define TEXT_MAX 1000

static bool fits(const char *text, size_t max)
{
    return text && *text && strlen(text) <= max;
}

/* A socket's handshake and rooms tell all that the chat has to know: it keeps no state. */
static const char *nick_of(const sio_socket *socket)
{
    return sio_value_string(sio_value_get(sio_socket_auth(socket), "nick"), NULL);
}

static const char *room_of(const sio_socket *socket)
{
    return sio_socket_room_count(socket) > 1 ? sio_socket_room_at(socket, 1) : NULL;
}

static void require_nick(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    if (fits(nick_of(socket), NICK_MAX))
        sio_next_pass(next);
    else
        sio_next_refuse(next, "A nick name has 1 to 24 letters.", NULL);
}

static void on_connection(sio_socket *socket, void *node)
{
    sio_socket_emit(socket, "welcome", "{s:s}", "node", node);
}

static void on_disconnecting(sio_socket *socket, const char *reason, void *data)
{
    const char *room = room_of(socket);

    (void)reason, (void)data;
    if (room)
        sio_namespace_emit(sio_socket_namespace(socket), &(sio_target){ .rooms = SIO_ROOMS(room) },
                           "went", "s", nick_of(socket));
}

static void leave(sio_socket *socket, const char *room)
{
    sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(room) }, "went", "s",
                         nick_of(socket));
    sio_socket_leave(socket, room);
}

static void on_join(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const char *room = sio_args_string(args, 0), *previous = room_of(socket);

    (void)data;
    if (!fits(room, ROOM_MAX)) {
        sio_ack_send(ack, "{s:s}", "error", "The name of a room has 1 to 32 letters.");
        return;
    }
    if (previous)
        leave(socket, previous);
    if (sio_socket_join(socket, room)) {
        sio_ack_send(ack, "{s:s}", "error", "This room cannot be joined now.");
        return;
    }
    sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(room) }, "came", "s",
                         nick_of(socket));
    sio_ack_send(ack, "{s:s}", "room", room);
}

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const char *room = room_of(socket), *text = sio_args_string(args, 0);

    (void)data;
    if (!room) {
        sio_ack_send(ack, "{s:s}", "error", "Join a room first.");
        return;
    }
    if (!fits(text, TEXT_MAX)) {
        sio_ack_send(ack, "{s:s}", "error", "A message has 1 to 1000 letters.");
        return;
    }
    sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(room) }, "said", "{s:s,s:s}",
                         "nick", nick_of(socket), "text", text);
    sio_ack_send(ack, "{s:s}", "room", room);
}

static void on_typing(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const char *room = room_of(socket);

    (void)args, (void)ack, (void)data;
    if (room)
        sio_socket_broadcast(socket,
                             &(sio_target){ .rooms = SIO_ROOMS(room), .flags = SIO_VOLATILE },
                             "typing", "s", nick_of(socket));
}

static int set_up(sio_server *server, char *node)
{
    sio_namespace *chat = sio_server_of(server, "/");
    int err = SIO_ENOMEM;

    if (!chat || (err = sio_namespace_use(chat, require_nick, NULL)) ||
        (err = sio_namespace_on(chat, "join", on_join, NULL)) ||
        (err = sio_namespace_on(chat, "say", on_say, NULL)) ||
        (err = sio_namespace_on(chat, "typing", on_typing, NULL)))
        return err;
    sio_namespace_on_connection(chat, on_connection, node);
    sio_namespace_on_disconnecting(chat, on_disconnecting, NULL);
    return 0;
}

static int fail(const char *what, int err)
{
    fprintf(stderr, "sio-chat: %s: %s\n", what, sio_err_message(err));
    return EXIT_FAILURE;
}

static void print_place(const sio_server *server, const chat_options *options)
{
    bool brackets = strchr(options->host, ':');

    printf("listening on %s://%s%s%s:%u/\n", options->certificate ? "https" : "http",
           brackets ? "[" : "", options->host, brackets ? "]" : "", sio_server_port(server));
}

static int listen_tls(sio_server *server, const chat_options *options)
{
    const sio_tls_certificate certificate = { .certificate = options->certificate,
                                              .key = options->key };
    return sio_server_listen_tls(
        server, &(sio_listen_options){ .host = options->host, .port = options->port },
        &(sio_tls_options){ .certificates = &certificate, .certificate_count = 1, .http2 = true });
}

/* On what systemd has opened, or on host and port. */
static int listen_somewhere(sio_server *server, const chat_options *options)
{
    int count = sio_server_listen_systemd(server, NULL), err;

    if (count > 0)
        printf("listening on %d sockets that systemd has opened\n", count);
    if (count != 0)
        return count < 0 ? count : 0;
    err = options->certificate ? listen_tls(server, options)
                               : sio_server_listen(server, options->host, options->port);
    if (!err)
        print_place(server, options);
    return err;
}

static int run(sio_server *server, const chat_options *options)
{
    char host[65] = "", node[80];
    int err;

    if ((err = set_up(server, node)))
        return fail("cannot start", err);
    if (sio_server_serve(server, "/", options->page) ||
        (options->watched &&
         sio_server_listen_metrics(server,
                                   &(sio_metrics_options){ .port = options->metrics_port })) ||
        listen_somewhere(server, options))
        return EXIT_FAILURE; /* on_log has told why */
    gethostname(host, sizeof host - 1);
    snprintf(node, sizeof node, "%s:%u", host, sio_server_port(server));
    fflush(stdout);
    return sio_server_run(server) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    char error[256] = "";
    chat_options options;
    sio_log_filter log;
    sio_log_format format;
    sio_server *server;
    int status;

    chat_options_parse(&options, argc, argv);
    if (sio_log_filter_parse(&log, getenv("SIO_LOG"))) {
        fputs("sio-chat: SIO_LOG: a word of it is no category or level; see --help\n", stderr);
        return EXIT_FAILURE;
    }
    if (sio_log_format_parse(&format, getenv("SIO_LOG_FORMAT"))) {
        fputs("sio-chat: SIO_LOG_FORMAT is text, logfmt or json\n", stderr);
        return EXIT_FAILURE;
    }
    status = sio_server_new(&server, &(sio_server_options){
                                         .redis = options.redis,
                                         .client_files = options.client_files,
                                         .on_log_record = sio_log_stderr,
                                         .log_format = format,
                                         .drain_on_sigterm = options.drain_ms > 0,
                                         .drain = { .deadline_ms = options.drain_ms },
                                         .log = log,
                                         .error = error,
                                         .error_size = sizeof error,
                                     });
    if (status) {
        fprintf(stderr, "sio-chat: %s\n", *error ? error : sio_err_message(status));
        return EXIT_FAILURE;
    }
    status = run(server, &options);
    sio_server_free(server);
    return status;
}
