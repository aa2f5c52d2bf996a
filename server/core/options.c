#include "core/options.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

#include "core/limits.h"

#define BOTH (SIO_TRANSPORT_POLLING | SIO_TRANSPORT_WEBSOCKET)

static int refuse(const sio_server_options *options, const char *sentence)
{
    if (options->error && options->error_size)
        snprintf(options->error, options->error_size, "%s", sentence);
    return SIO_EINVAL;
}

static int check_times(const sio_server_options *options)
{
    if (options->ping_interval_ms > INT32_MAX)
        return refuse(options, "ping_interval_ms is above 2147483647");
    if (options->ping_timeout_ms > INT32_MAX)
        return refuse(options, "ping_timeout_ms is above 2147483647");
    if (options->upgrade_timeout_ms > INT32_MAX)
        return refuse(options, "upgrade_timeout_ms is above 2147483647");
    if (options->connect_timeout_ms > INT32_MAX)
        return refuse(options, "connect_timeout_ms is above 2147483647");
    if (options->request_timeout_ms > INT32_MAX)
        return refuse(options, "request_timeout_ms is above 2147483647");
    return 0;
}

static int check_deflate(const sio_server_options *options)
{
    const sio_deflate_options *deflate = &options->per_message_deflate;
    if (!deflate->enable && (deflate->threshold || deflate->level || deflate->mem_level))
        return refuse(options, "per_message_deflate has settings but is not enabled");
    if (deflate->level < 0 || deflate->level > 9)
        return refuse(options, "per_message_deflate.level is not one of 1 to 9");
    if (deflate->mem_level < 0 || deflate->mem_level > 9)
        return refuse(options, "per_message_deflate.mem_level is not one of 1 to 9");
    return 0;
}

static int check_recovery(const sio_server_options *options)
{
    const sio_recovery_options *recovery = &options->connection_state_recovery;
    if (!recovery->enable &&
        (recovery->max_disconnection_ms || recovery->run_middlewares || recovery->max_bytes))
        return refuse(options, "connection_state_recovery has settings but is not enabled");
    if (recovery->max_disconnection_ms > INT32_MAX)
        return refuse(options,
                      "connection_state_recovery.max_disconnection_ms is above 2147483647");
    return 0;
}

static int check_adapter(const sio_server_options *options)
{
    const bool classic = options->adapter == SIO_ADAPTER_CLASSIC;
    const sio_streams_options *streams = &options->redis_streams;
    if ((unsigned)options->adapter > SIO_ADAPTER_STREAMS)
        return refuse(options, "adapter is no SIO_ADAPTER_…");
    if ((unsigned)options->redis_subscribe > SIO_SUBSCRIBE_AUTO)
        return refuse(options, "redis_subscribe is no SIO_SUBSCRIBE_…");
    if ((unsigned)options->redis_subscription_mode > SIO_SHARDED_DYNAMIC_PRIVATE)
        return refuse(options, "redis_subscription_mode is no SIO_SHARDED_…");
    if (!options->redis &&
        (!classic || options->redis_subscribe || options->redis_specific_response_channel ||
         options->redis_subscription_mode))
        return refuse(options, "redis has settings but no address");
    if (!classic && options->redis_subscribe)
        return refuse(options, "redis_subscribe means something to SIO_ADAPTER_CLASSIC only");
    if (!classic && options->redis_specific_response_channel)
        return refuse(
            options, "redis_specific_response_channel means something to SIO_ADAPTER_CLASSIC only");
    if (options->adapter != SIO_ADAPTER_STREAMS &&
        (streams->name || streams->max_len || streams->read_count || streams->session_key_prefix))
        return refuse(options, "redis_streams means something to SIO_ADAPTER_STREAMS only");
    if (options->adapter != SIO_ADAPTER_SHARDED && options->redis_subscription_mode)
        return refuse(options,
                      "redis_subscription_mode means something to SIO_ADAPTER_SHARDED only");
    if (options->adapter == SIO_ADAPTER_STREAMS && options->connection_state_recovery.max_bytes)
        return refuse(options,
                      "connection_state_recovery.max_bytes means nothing to "
                      "SIO_ADAPTER_STREAMS, which keeps all in Redis: redis_streams.max_len");
    return 0;
}

static int check(const sio_server_options *options)
{
    if (options->transports & ~BOTH)
        return refuse(options, "transports has a bit that is no SIO_TRANSPORT_…");
    if ((unsigned)options->parser > SIO_PARSER_MSGPACK)
        return refuse(options, "parser is no SIO_PARSER_…");
    const char *initial = options->initial_packet;
    if (initial && !sio_utf8_valid(initial, strlen(initial)))
        return refuse(options, "initial_packet is not UTF-8");
    if (options->max_payload >= SIO_LIMIT_LENGTH)
        return refuse(options, "max_payload is above 2147483646");
    for (int i = 0; i < SIO_LOG_CATEGORIES; i++)
        if (options->log.levels[i] > SIO_LOG_TRACE)
            return refuse(options, "log has a level that is no SIO_LOG_…");
    int err = check_adapter(options);
    if (!err)
        err = check_deflate(options);
    if (!err)
        err = check_recovery(options);
    return err ? err : check_times(options);
}

static uint32_t or_default(uint32_t value, uint32_t standard)
{
    return value ? value : standard;
}

/* NULL stays NULL. */
static int make_initial(sio_frame **out, const char *text)
{
    *out = text ? sio_frame_new(sio_str_from(text), false) : NULL;
    return text && !*out ? SIO_ENOMEM : 0;
}

int sio_options_apply(sio_server *server, const sio_server_options *options)
{
    sio_frame *initial;
    const char *why;
    int err = check(options);
    if (!err && sio_limits_resolve(&server->limits, &options->limits, &why))
        err = refuse(options, why);
    if (!err)
        err = make_initial(&initial, options->initial_packet);
    if (err)
        return err;
    server->parser = options->parser;
    server->transports = or_default(options->transports, BOTH);
    server->allow_eio3 = options->allow_eio3;
    server->engine = (sio_eio_config){
        .ping_interval_ms = or_default(options->ping_interval_ms, 25000),
        .ping_timeout_ms = or_default(options->ping_timeout_ms, 20000),
        .upgrade_timeout_ms = or_default(options->upgrade_timeout_ms, 10000),
        .max_payload = or_default(options->max_payload, SIO_LIMIT_PAYLOAD),
        .allow_upgrades = !options->no_upgrades && server->transports == BOTH,
    };
    server->connect_timeout_ms = or_default(options->connect_timeout_ms, 45000);
    server->request_timeout_ms = or_default(options->request_timeout_ms, 5000);
    server->max_buffered = options->max_buffered ? options->max_buffered : SIO_LIMIT_BUFFERED;
    server->initial = initial;
    server->cleanup_empty_child_namespaces = options->cleanup_empty_child_namespaces;
    server->max_dynamic_namespaces =
        or_default(options->max_dynamic_namespaces, SIO_LIMIT_DYNAMIC_NAMESPACES);
    server->on_new_namespace = options->on_new_namespace;
    server->on_cluster = options->on_cluster;
    server->logger.on_log = options->on_log;
    server->logger.on_record = options->on_log_record;
    server->logger.format = options->log_format;
    sio_logger_filter(&server->logger, &options->log);
    server->on_client = options->on_client;
    server->on_closed = options->on_closed;
    server->data = options->data;
    return 0;
}

sio_ws_deflate_config sio_options_deflate(const sio_deflate_options *options)
{
    return (sio_ws_deflate_config){
        .threshold = or_default(options->threshold, 1024),
        .level = options->level ? options->level : 6,
        .mem_level = options->mem_level ? options->mem_level : 8,
    };
}
