/*
 * The server under test, with what bench/README.md asks of any: prints "listening PORT".
 *   sio-bench-server [--redis URL] [--subscribe pattern|rooms] [--deflate THRESHOLD] [--port PORT]
 *                    [--io-uring yes|no] [--send-threads N] [--tls CERT,KEY]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sio/sio.h>
#include <sio/tls.h>

static void join(sio_socket *socket, const char *room)
{
    if (room && sio_socket_join(socket, room))
        (void)fprintf(stderr, "sio-bench-server: could not join %s\n", room);
}

/* One name, or an array of them. */
static void on_join(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const sio_value *rooms = sio_args_at(args, 0);

    (void)data;
    if (sio_value_type(rooms) == SIO_TYPE_ARRAY)
        for (size_t i = 0; i < sio_value_count(rooms); i++)
            join(socket, sio_value_string(sio_value_at(rooms, i), NULL));
    else
        join(socket, sio_args_string(args, 0));
    sio_ack_send(ack, NULL);
}

static void on_ask(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    sio_ack_send(ack, "V", sio_args_array(args));
}

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const char *room = sio_args_string(args, 0);

    (void)ack, (void)data;
    if (room)
        sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS(room) }, "said", "v",
                             sio_args_at(args, 1));
}

/* What a survey waits with. */
typedef struct survey {
    sio_ack *ack;
    sio_value *text;
} survey;

static void survey_free(survey *one)
{
    sio_ack_unref(one->ack);
    sio_value_free(one->text);
    free(one);
}

static void on_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    survey *one = data;

    (void)nsp;
    sio_ack_send(one->ack, "vi", one->text, (int)sio_value_count(answers->values));
    survey_free(one);
}

static void on_survey(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    const sio_target everyone = { .timeout_ms = 10000 };
    survey *one = calloc(1, sizeof *one);

    (void)data;
    if (!one || sio_value_copy(&one->text, sio_args_at(args, 0))) {
        free(one);
        return;
    }
    one->ack = sio_ack_ref(ack);
    if (sio_namespace_emit_ack(sio_socket_namespace(socket), &everyone, on_answers, one, "b", "v",
                               one->text))
        survey_free(one);
}

static int listen_on(sio_server *server, uint16_t port, const sio_tls_certificate *certificate)
{
    const sio_listen_options where = { .host = "127.0.0.1", .port = port };
    const sio_tls_options tls = { .certificates = certificate, .certificate_count = 1 };

    if (certificate->certificate)
        return sio_server_listen_tls(server, &where, &tls);
    return sio_server_listen_with(server, &where);
}

static void announce(sio_server *server)
{
    (void)printf("listening %u\n", (unsigned)sio_server_port(server));
    (void)fflush(stdout);
}

/* A broadcast that comes before this reaches nobody, which is nothing to measure. */
static void on_cluster(sio_server *server, sio_cluster_state state, const char *detail, void *data)
{
    static bool announced;

    (void)detail, (void)data;
    if (state == SIO_CLUSTER_READY && !announced)
        announce(server);
    announced = announced || state == SIO_CLUSTER_READY;
}

static int serve(sio_server *server, uint16_t port, const sio_tls_certificate *certificate,
                 bool has_redis)
{
    sio_namespace *chat = sio_server_of(server, "/");
    int err = sio_namespace_on(chat, "join", on_join, NULL);

    err = err ? err : sio_namespace_on(chat, "message-with-ack", on_ask, NULL);
    err = err ? err : sio_namespace_on(chat, "say", on_say, NULL);
    err = err ? err : sio_namespace_on(chat, "survey", on_survey, NULL);
    err = err ? err : listen_on(server, port, certificate);
    if (!err && !has_redis)
        announce(server);
    return err ? err : sio_server_run(server); /* until SIGINT or SIGTERM */
}

/* CERT,KEY: the comma becomes the end of the first. */
static int set_certificate(sio_tls_certificate *certificate, char *value)
{
    char *comma = strchr(value, ',');

    if (!comma)
        return -1;
    *comma = '\0';
    *certificate = (sio_tls_certificate){ .certificate = value, .key = comma + 1 };
    return 0;
}

/* -1: it is none, or has no value that it takes. */
static int set(sio_server_options *options, uint16_t *port, const char *flag, const char *value)
{
    if (!value)
        return -1;
    if (strcmp(flag, "--redis") == 0)
        options->redis = value;
    else if (strcmp(flag, "--subscribe") == 0 && strcmp(value, "rooms") == 0)
        options->redis_subscribe = SIO_SUBSCRIBE_ROOMS;
    else if (strcmp(flag, "--subscribe") == 0 && strcmp(value, "pattern") == 0)
        options->redis_subscribe = SIO_SUBSCRIBE_PATTERN;
    else if (strcmp(flag, "--deflate") == 0 && atoi(value) > 0)
        options->per_message_deflate =
            (sio_deflate_options){ .enable = true, .threshold = (uint32_t)atoi(value) };
    else if (strcmp(flag, "--io-uring") == 0 && strcmp(value, "no") == 0)
        options->no_io_uring = true;
    else if (strcmp(flag, "--io-uring") == 0 && strcmp(value, "yes") == 0)
        options->no_io_uring = false;
    else if (strcmp(flag, "--send-threads") == 0 && atoi(value) >= 0)
        options->send_threads = (uint32_t)atoi(value);
    else if (strcmp(flag, "--port") == 0 && atoi(value) >= 0 && atoi(value) < 65536)
        *port = (uint16_t)atoi(value);
    else
        return -1;
    return 0;
}

int main(int argc, char **argv)
{
    char error[256] = "";
    sio_server_options options = {
        .no_client_files = true, .error = error, .error_size = 256, .on_cluster = on_cluster
    };
    sio_server *server;
    sio_tls_certificate certificate = { 0 };
    uint16_t port = 0;

    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--tls") == 0 && argv[i + 1]
                ? set_certificate(&certificate, argv[i + 1])
                : set(&options, &port, argv[i], argv[i + 1])) {
            (void)fprintf(stderr, "sio-bench-server: what is %s? See bench/README.md\n", argv[i]);
            return 2;
        }
    }
    int err = sio_server_new(&server, &options);
    if (!err) {
        err = serve(server, port, &certificate, options.redis != NULL);
        sio_server_free(server);
    }
    if (err)
        (void)fprintf(stderr, "sio-bench-server: %s: %s\n", sio_err_message(err), error);
    return err ? 1 : 0;
}
