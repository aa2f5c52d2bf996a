#include <sio/server.h>

#include <stdio.h>

#include <sio/sys/mem.h>
#include <sio/sys/redis.h>

#include "core/recovery.h"
#include "net/admission.h"
#include "net/conn.h"
#include "net/installed.h"

/* ---- new ---- */

static int fail(const sio_server_options *options, int err, const char *text)
{
    if (options->error && options->error_size > 0)
        snprintf(options->error, options->error_size, "%s", text);
    return err;
}

/* "/socket.io", "/socket.io/" and NULL all mean "/socket.io/". The slash is there for the files in
 * any case, and beyond path_len where the engine goes without. */
static int set_path(sio_net *net, const sio_server_options *options)
{
    const char *path = options->path && options->path[0] ? options->path : "/socket.io";
    size_t len = strlen(path);
    if (path[0] != '/' || len > SIO_LIMIT_NAME || strpbrk(path, "?# \r\n"))
        return fail(options, SIO_EINVAL, "path must begin with a slash and be part of a URL");
    if (path[len - 1] == '/')
        len--;
    net->path = sio_mem_alloc(len + 2);
    if (!net->path)
        return SIO_ENOMEM;
    memcpy(net->path, path, len);
    memcpy(net->path + len, "/", 2);
    net->path_len = len + (options->no_trailing_slash ? 0 : 1);
    return 0;
}

static int set_http(sio_net *net, const sio_server_options *options)
{
    const char *why = NULL;
    net->hooks = (sio_hooks){
        .allow_request = options->allow_request,
        .generate_id = options->generate_id,
        .on_initial_headers = options->on_initial_headers,
        .on_headers = options->on_headers,
        .on_connection_error = options->on_connection_error,
    };
    const uint32_t threshold = options->http_compression_threshold;
    net->compress_from = threshold ? threshold : SIO_LIMIT_COMPRESS_FROM;
    if (options->no_http_compression)
        net->compress_from = SIZE_MAX;
    net->compressor = sio_compressor_new();
    if (!net->compressor)
        return SIO_ENOMEM;
    int err = sio_cors_init(&net->cors, &options->cors, options->data, &why);
    if (!err)
        err = sio_cookie_init(&net->cookie, &options->cookie, &why);
    return why && err == SIO_EINVAL ? fail(options, err, why) : err;
}

static int set_trust(sio_net *net, const sio_server_options *options)
{
    const char *bad = NULL;
    char text[160];
    const int err = sio_trust_init(&net->trust, options->trusted_proxies, &bad);
    if (err != SIO_EINVAL)
        return err;
    snprintf(text, sizeof(text),
             "trusted_proxies: \"%.60s\" is no address, no block of them, and not \"unix:\"", bad);
    return fail(options, err, text);
}

static int set_drain(sio_net *net, const sio_server_options *options)
{
    const sio_drain_options *drain = &options->drain;
    const char *why = NULL;
    if (!options->drain_on_sigterm && (drain->deadline_ms || drain->per_second || drain->jitter ||
                                       drain->keep_listening || drain->on_progress))
        return fail(options, SIO_EINVAL, "drain has settings but not drain_on_sigterm");
    if (sio_departures_check(drain, &why))
        return fail(options, SIO_EINVAL, why);
    net->drain_on_sigterm = options->drain_on_sigterm;
    net->drain = *drain;
    return 0;
}

static int add_client_files(sio_net *net, const sio_server_options *options)
{
    if (options->no_client_files)
        return 0;
    char installed[PATH_MAX];
    sio_installed_client(installed);
    const char *folder = options->client_files ? options->client_files : installed;
    int count = sio_static_add_client(&net->files, net->path, folder);
    if (count == 0)
        SIO_CORE_LOG(net->server, SIO_LOG_WARN, SIO_LOG_SERVER, "no client files in %s", folder);
    return count < 0 ? count : 0;
}

static int add_redis(sio_net *net, const sio_server_options *options)
{
    if (!options->redis)
        return 0;
    char detail[256] = "";
    sio_adapter_host host = sio_core_adapter_host(net->server);
    const sio_redis_options redis = {
        .url = options->redis,
        .key = options->redis_key,
        .kind = options->adapter,
        .subscribe = options->redis_subscribe,
        .mode = options->redis_subscription_mode,
        .streams = options->redis_streams,
        .recovery_ms = sio_recovery_ms(&options->connection_state_recovery),
        .specific_response_channel = options->redis_specific_response_channel,
        .request_timeout_ms = options->request_timeout_ms,
    };
    int err =
        sio_redis_adapter_new(&net->adapter, net->loop, &redis, &host, detail, sizeof(detail));
    if (err)
        return fail(options, err, detail[0] ? detail : sio_err_message(err));
    return sio_core_set_adapter(net->server, net->adapter);
}

static void set_limits(sio_net *net)
{
    const sio_limit_options *limits = &net->server->limits;
    sio_net_set_times(net, limits);
    sio_visitors_init(&net->visitors, limits->max_connections_per_address, &limits->new_connections,
                      net->server->seed);
}

static int add_crew(sio_net *net, const sio_server_options *options)
{
    if (options->send_threads > SIO_LIMIT_SEND_THREADS)
        return fail(options, SIO_EINVAL, "send_threads are 8 at most");
    if (options->send_threads == 0)
        return 0;
    return sio_crew_new(&net->crew, options->send_threads, !options->no_io_uring);
}

static int set_up(sio_net *net, const sio_server_options *options)
{
    int err = set_path(net, options);
    net->ring.none = options->no_io_uring;
    if (!err)
        err = set_http(net, options);
    if (!err)
        err = set_trust(net, options);
    if (!err)
        err = set_drain(net, options);
    if (!err)
        err = add_crew(net, options);
    if (!err)
        err = sio_core_new(&net->server, options, &sio_net_ops_uv, net, uv_now(net->loop));
    if (!err)
        set_limits(net);
    if (!err)
        err = add_client_files(net, options);
    return err ? err : add_redis(net, options);
}

/* The core goes before the handles do: nothing calls into it any more. */
static void tear_down(sio_net *net)
{
    sio_server *server = net->server;
    if (server && !net->closed) {
        sio_mailbox_close(&net->mailbox, server);
        server->on_closed = NULL;
        sio_net_close(net);
        sio_core_flush(server);
        sio_net_cut(net);
        sio_core_flush(server);
        sio_core_tick(server, server->now + SIO_LIMIT_CLOSE_MS);
        sio_core_flush(server);
    }
    net->server = NULL;
    sio_admission_drop_all(net);
    if (server) {
        sio_core_lose_adapter(server);
        sio_core_free(server);
    }
    sio_net_release(net);
}

int sio_server_new(sio_server **out, const sio_server_options *options)
{
    static const sio_server_options defaults;
    if (!options)
        options = &defaults;
    sio_net *net;
    int err = sio_net_new(&net, options->loop);
    if (err)
        return fail(options, err, sio_err_message(err));
    if (options->error && options->error_size > 0)
        options->error[0] = '\0';
    err = set_up(net, options);
    if (err) {
        if (options->error && options->error_size > 0 && !options->error[0])
            fail(options, err, sio_err_message(err));
        tear_down(net);
        return err;
    }
    *out = net->server;
    return 0;
}

void sio_server_free(sio_server *server)
{
    if (server && sio_net_is_ours(server->net))
        tear_down(server->net);
}

/* ---- files ---- */

int sio_server_serve(sio_server *server, const char *url, const char *file)
{
    sio_net *net = server->net;
    int err = SIO_EINVAL;
    if (file && url && url[0] == '/' && !strpbrk(url, "?#"))
        err = sio_static_add(&net->files, url, file);
    if (!err)
        return 0;
    return sio_core_fail(server, err, SIO_LOG_HTTP, "cannot serve \"%s\" as \"%s\": %s",
                         file ? file : "", url ? url : "",
                         err == SIO_EINVAL    ? "a URL begins with a slash and has no query"
                         : err == SIO_EEXISTS ? "this URL is being served already"
                                              : sio_err_message(err));
}
