/* A Socket.IO node that is driven from outside by any client: what the tests of tests/interop run
 * against. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "flags.h"
#include "node.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static void on_log(sio_server *server, sio_log_level level, sio_log_category category,
                   const char *text, void *data)
{
    (void)server;
    node_log(data, "%s %s: %s", sio_log_level_name(level), sio_log_category_name(category), text);
}

static void on_cluster(sio_server *server, sio_cluster_state state, const char *detail, void *data)
{
    (void)server;
    node_log(data, "redis: %s: %s", sio_cluster_state_text(state), detail ? detail : "");
}

static int generate_id(sio_server *server, const sio_http_request *request,
                       char id[SIO_SESSION_ID_SIZE], void *data)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const testnode *node = data;
    uint8_t bytes[SIO_SESSION_ID_SIZE];
    (void)server, (void)request;
    int len = snprintf(id, SIO_SESSION_ID_SIZE, "%s", node->id_prefix);
    if (getentropy(bytes, sizeof(bytes)))
        return SIO_EINVAL;
    for (; len < SIO_SESSION_ID_SIZE - 1; len++)
        id[len] = letters[bytes[len] & 63];
    return 0;
}

static int complain(int code, const char *what, const char *why)
{
    fprintf(stderr, "sio-testnode: %s: %s\n", what, why);
    return code;
}

static int listen_or_take_over(sio_server *server, const node_flags *flags)
{
    const sio_handover_options handover = { .path = flags->handover, .drain = flags->drain };
    const int taken = flags->handover ? sio_server_handover(server, &handover) : 0;
    if (taken < 0 || (taken > 0 && !flags->tls.options.certificates))
        return taken < 0 ? taken : 0;
    return node_listen(server, flags); /* with TLS: on the socket that was taken, if there is one */
}

static int run(testnode *node, const node_flags *flags)
{
    int err = node_serve(node);
    if (err)
        return complain(EXIT_FAILED, "handlers", sio_err_message(err));
    if (flags->watched && sio_server_listen_metrics(node->server, &flags->metrics))
        return complain(EXIT_FAILED, "metrics", sio_server_error(node->server));
    err = listen_or_take_over(node->server, flags);
    if (err == SIO_EADDRESS)
        return complain(EXIT_USAGE, "--host", sio_server_error(node->server));
    if (err)
        return complain(EXIT_FAILED, "listen", sio_server_error(node->server));
    printf("listening %u\n", (unsigned)sio_server_port(node->server));
    if (flags->tls.options.certificates)
        printf("https://%s:%u\n", flags->host, (unsigned)sio_server_port(node->server));
    fflush(stdout);
    err = sio_server_run(node->server);
    return err ? complain(EXIT_FAILED, "run", sio_err_message(err)) : 0;
}

int main(int argc, char **argv)
{
    node_flags flags;
    if (!node_flags_read(&flags, argc, argv))
        return EXIT_USAGE;
    char pid[24], error[256] = "";
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    testnode node = { .name = flags.name ? flags.name : pid, .id_prefix = flags.id_prefix };
    sio_server_options options = flags.server;
    options.client_files = SIO_CLIENT_FILES;
    options.on_log = on_log;
    if (getenv("SIO_LOG_FORMAT")) {
        node.quiet = true;
        options.on_log = NULL;
        options.on_log_record = sio_log_stderr;
    }
    if (sio_log_format_parse(&options.log_format, getenv("SIO_LOG_FORMAT")))
        return complain(EXIT_USAGE, "SIO_LOG_FORMAT", "it is neither text, logfmt nor json");
    if (sio_log_filter_parse(&options.log, getenv("SIO_LOG")))
        return complain(EXIT_USAGE, "SIO_LOG", "a word of it is no category or no level");
    options.on_cluster = on_cluster;
    options.generate_id = flags.id_prefix ? generate_id : NULL;
    options.on_new_namespace = node_on_namespace;
    options.data = &node;
    options.error = error;
    options.error_size = sizeof(error);

    int err = sio_server_new(&node.server, &options);
    if (err == SIO_EURL)
        return complain(EXIT_USAGE, "--redis", error);
    if (err)
        return complain(err == SIO_EINVAL ? EXIT_USAGE : EXIT_FAILED, sio_err_message(err), error);
    int code = run(&node, &flags);
    sio_server_free(node.server);
    node_free(&node);
    return code;
}
