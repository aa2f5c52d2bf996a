/* A node for the tests of a server's beginning and end: where it listens, and how it lets its
 * clients go. Lines on stdout say what happens. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sio/sio.h>
#include <sio/tls.h>

typedef struct life {
    const char *name, *host, *path, *sockets;
    sio_tls_certificate tls; /* its certificate NULL: none */
    uint16_t port;
    bool listens, from_systemd;
} life;

static void on_echo(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)data;
    sio_ack_send(ack, "V", sio_args_array(args));
}

static void on_bye(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)ack;
    (void)data;
    sio_socket_disconnect(socket, true);
}

static void on_connection(sio_socket *socket, void *data)
{
    const life *self = data;
    sio_socket_emit(socket, "welcome", "ss", self->name, sio_socket_address(socket));
}

static void on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    (void)socket;
    (void)data;
    printf("left %s\n", reason);
}

static void on_progress(sio_server *server, const sio_drain_progress *progress, void *data)
{
    (void)server;
    (void)data;
    printf("progress %llu %llu %u\n", (unsigned long long)progress->let_go,
           (unsigned long long)progress->left, progress->left_ms);
}

static void on_initial_headers(sio_server *server, const sio_http_request *request,
                               sio_headers *headers, void *data)
{
    (void)server;
    (void)request;
    (void)data;
    if (sio_headers_add(headers, "X-Initial", "yes"))
        abort();
}

static void on_headers(sio_server *server, const sio_http_request *request, sio_headers *headers,
                       void *data)
{
    (void)server;
    (void)data;
    if (sio_headers_add(headers, "X-Each", sio_http_request_method(request)) ||
        sio_headers_set(headers, "Cache-Control", "private") ||
        sio_headers_set(headers, "Access-Control-Allow-Origin", "http://chosen"))
        abort();
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 10);
}

/* CERT,KEY */
static sio_tls_certificate certificate(char *text)
{
    char *comma = strchr(text, ',');
    if (!comma)
        exit(2);
    *comma = '\0';
    return (sio_tls_certificate){ .certificate = text, .key = comma + 1 };
}

static void parse(life *self, sio_server_options *options, int argc, char **argv)
{
    static const struct option names[] = {
        { "name", required_argument, NULL, 'n' },
        { "port", required_argument, NULL, 'p' },
        { "unix", required_argument, NULL, 'u' },
        { "systemd", optional_argument, NULL, 's' },
        { "deadline", required_argument, NULL, 'd' },
        { "per-second", required_argument, NULL, 'r' },
        { "jitter", required_argument, NULL, 'j' },
        { "keep-listening", no_argument, NULL, 'k' },
        { "headers", no_argument, NULL, 'h' },
        { "tls", required_argument, NULL, 't' },
        { NULL, 0, NULL, 0 },
    };
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'n')
            self->name = optarg;
        else if (option == 'p')
            self->port = (uint16_t)number(optarg), self->listens = true;
        else if (option == 'u')
            self->path = optarg;
        else if (option == 's')
            self->from_systemd = true, self->sockets = optarg;
        else if (option == 'd')
            options->drain.deadline_ms = number(optarg), options->drain_on_sigterm = true;
        else if (option == 'r')
            options->drain.per_second = number(optarg);
        else if (option == 'j')
            options->drain.jitter = number(optarg);
        else if (option == 'k')
            options->drain.keep_listening = true;
        else if (option == 't')
            self->tls = certificate(optarg);
        else if (option == 'h')
            options->on_initial_headers = on_initial_headers, options->on_headers = on_headers;
        else
            exit(2);
    }
    if (options->drain_on_sigterm)
        options->drain.on_progress = on_progress;
}

static int listen_tcp(sio_server *server, const life *self)
{
    const sio_listen_options where = { .host = "127.0.0.1", .port = self->port };
    const sio_tls_options tls = { .certificates = &self->tls, .certificate_count = 1 };
    return self->tls.certificate ? sio_server_listen_tls(server, &where, &tls)
                                 : sio_server_listen_with(server, &where);
}

static int listen_all(sio_server *server, const life *self)
{
    int err = 0;
    if (self->from_systemd) {
        const int count = sio_server_listen_systemd(server, self->sockets);
        if (count < 0)
            return count;
        printf("handed in %d\n", count);
    }
    if (self->path)
        err = sio_server_listen_unix(server, self->path, 0600);
    if (!err && self->listens)
        err = listen_tcp(server, self);
    return err;
}

static int run(sio_server *server, life *self)
{
    sio_namespace *nsp = sio_server_of(server, "/");
    if (!nsp || sio_namespace_on(nsp, "echo", on_echo, NULL) ||
        sio_namespace_on(nsp, "bye", on_bye, NULL))
        return SIO_ENOMEM;
    sio_namespace_on_connection(nsp, on_connection, self);
    sio_namespace_on_disconnect(nsp, on_disconnect, NULL);
    const int err = listen_all(server, self);
    if (err)
        return err;
    printf("listening %u\n", sio_server_port(server));
    return sio_server_run(server);
}

int main(int argc, char **argv)
{
    char error[128] = "";
    life self = { .name = "life" };
    sio_server_options options = { .on_log_record = sio_log_stderr,
                                   .no_client_files = true,
                                   .cors = { .origins = SIO_ORIGINS("http://page") },
                                   .allow_eio3 = true,
                                   .error = error,
                                   .error_size = sizeof(error) };
    sio_server *server;
    setvbuf(stdout, NULL, _IOLBF, 0);
    parse(&self, &options, argc, argv);
    if (sio_server_new(&server, &options)) {
        fprintf(stderr, "%s\n", error);
        return 2;
    }
    const int err = run(server, &self);
    if (err)
        fprintf(stderr, "%s\n", sio_err_message(err));
    sio_server_free(server);
    puts("ended");
    return err ? 1 : 0;
}
