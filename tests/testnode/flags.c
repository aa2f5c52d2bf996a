#include "flags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct flag_type {
    bool (*read)(void *field, const char *text);
    const char *expects;
} flag_type;

typedef struct known_flag {
    const char *name;
    const flag_type *type; /* NULL: takes no value, sets a bool */
    size_t field;          /* offset in node_flags */
} known_flag;

static bool read_number(const char *text, unsigned long long least, unsigned long long most,
                        unsigned long long *out)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number < least || number > most)
        return false;
    *out = number;
    return true;
}

static bool read_port(void *field, const char *text)
{
    unsigned long long number;
    if (!read_number(text, 0, UINT16_MAX, &number))
        return false;
    *(uint16_t *)field = (uint16_t)number;
    return true;
}

/* Of a metrics listener, which is there by that. */
static bool read_watched(void *field, const char *text)
{
    node_flags *flags = (node_flags *)(void *)((char *)field - offsetof(node_flags, watched));
    flags->watched = read_port(&flags->metrics.port, text);
    return flags->watched;
}

static bool read_uint32(void *field, const char *text)
{
    unsigned long long number;
    if (!read_number(text, 1, UINT32_MAX, &number))
        return false;
    *(uint32_t *)field = (uint32_t)number;
    return true;
}

static bool read_size(void *field, const char *text)
{
    unsigned long long number;
    if (!read_number(text, 1, SIZE_MAX, &number))
        return false;
    *(size_t *)field = (size_t)number;
    return true;
}

static bool read_deflate(void *field, const char *text)
{
    sio_deflate_options *deflate = field;
    deflate->enable = true;
    return read_uint32(&deflate->threshold, text);
}

static bool read_recovery(void *field, const char *text)
{
    sio_recovery_options *recovery = field;
    recovery->enable = true;
    return read_uint32(&recovery->max_disconnection_ms, text);
}

static bool read_text(void *field, const char *text)
{
    *(const char **)field = text;
    return *text != '\0';
}

static bool read_path(void *field, const char *text)
{
    return *text == '/' && read_text(field, text);
}

/* Its place among the words; `count`: it is none of them. */
static unsigned find_word(const char *const *words, unsigned count, const char *text)
{
    unsigned i = 0;
    while (i < count && strcmp(text, words[i]) != 0)
        i++;
    return i;
}

static bool read_adapter(void *field, const char *text)
{
    static const char *const kinds[] = { "memory", "redis", "sharded", "streams" };
    return find_word(kinds, 4, text) < 4 && read_text(field, text);
}

static bool read_subscribe(void *field, const char *text)
{
    static const char *const ways[] = { "pattern", "rooms", "auto" };
    unsigned way = find_word(ways, 3, text);
    *(sio_redis_subscribe *)field = (sio_redis_subscribe)way;
    return way < 3;
}

static bool read_mode(void *field, const char *text)
{
    static const char *const modes[] = { "dynamic", "static", "dynamic-private" };
    unsigned mode = find_word(modes, 3, text);
    *(sio_sharded_mode *)field = (sio_sharded_mode)mode;
    return mode < 3;
}

static bool read_parser(void *field, const char *text)
{
    bool msgpack = strcmp(text, "msgpack") == 0;
    if (!msgpack && strcmp(text, "default") != 0)
        return false;
    *(sio_parser *)field = msgpack ? SIO_PARSER_MSGPACK : SIO_PARSER_DEFAULT;
    return true;
}

/* "*" stands alone. */
static bool read_list(void *field, const char *text)
{
    node_list *to = field;
    const size_t most = sizeof(to->list) / sizeof(to->list[0]) - 1;
    if (snprintf(to->text, sizeof(to->text), "%s", text) >= (int)sizeof(to->text))
        return false;
    char *rest = to->text;
    for (size_t i = 0; rest; i++) {
        const char *entry = strsep(&rest, ",");
        if (i == most || !*entry || (strcmp(entry, "*") == 0 && (i > 0 || rest)))
            return false;
        to->list[i] = entry;
        to->list[i + 1] = NULL;
    }
    return true;
}

/* CERT,KEY pairs; the lists stay in the flags. */
static bool read_tls(void *field, const char *text)
{
    node_tls *to = field;
    const size_t most = sizeof(to->certificates) / sizeof(to->certificates[0]);
    if (snprintf(to->text, sizeof(to->text), "%s", text) >= (int)sizeof(to->text))
        return false;
    char *rest = to->text;
    size_t count = 0;
    while (rest) {
        const char *certificate = strsep(&rest, ","), *key = rest ? strsep(&rest, ",") : NULL;
        if (count == most || !key || !*certificate || !*key)
            return false;
        to->certificates[count++] = (sio_tls_certificate){ .certificate = certificate, .key = key };
    }
    to->options.certificates = to->certificates;
    to->options.certificate_count = count;
    return true;
}

static bool read_version(void *field, const char *text)
{
    static const char *const versions[] = { "", "1.2", "1.3" };
    const unsigned version = find_word(versions, 3, text);
    *(sio_tls_version *)field = (sio_tls_version)version;
    return version > 0 && version < 3;
}

static bool read_cookie(void *field, const char *text)
{
    return !strpbrk(text, "=;, \t\"") && read_text(field, text);
}

static bool read_transports(void *field, const char *text)
{
    unsigned transports = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        if (len == 7 && strncmp(text, "polling", len) == 0)
            transports |= SIO_TRANSPORT_POLLING;
        else if (len == 9 && strncmp(text, "websocket", len) == 0)
            transports |= SIO_TRANSPORT_WEBSOCKET;
        else
            return false;
        if (text[len] == '\0')
            break;
        text += len + 1;
    }
    *(unsigned *)field = transports;
    return true;
}

static bool read_overflow(void *field, const char *text)
{
    static const char *const ways[] = { "close", "newest", "oldest" };
    const unsigned way = find_word(ways, 3, text);
    *(sio_overflow *)field = (sio_overflow)way;
    return way < 3;
}

static const flag_type type_overflow = { read_overflow, "close, newest or oldest" };
static const flag_type type_text = { read_text, "a text" };
static const flag_type type_origins = { read_list, "origins with commas between, or *" };
static const flag_type type_proxies = { read_list, "addresses and blocks with commas between" };
static const flag_type type_tls = { read_tls, "CERT,KEY with a comma between, up to 4 of these" };
static const flag_type type_version = { read_version, "1.2 or 1.3" };
static const flag_type type_cookie = { read_cookie, "the name of a cookie" };
static const flag_type type_path = { read_path, "a path that begins with a slash" };
static const flag_type type_port = { read_port, "a port, 0 to 65535" };
static const flag_type type_watched = { read_watched, "a port, 0 to 65535" };
static const flag_type type_uint32 = { read_uint32, "a whole number, 1 to 4294967295" };
static const flag_type type_size = { read_size, "a whole number above 0" };
static const flag_type type_recovery = { read_recovery, "a whole number, 1 to 4294967295" };
static const flag_type type_deflate = { read_deflate, "a whole number, 1 to 4294967295" };
static const flag_type type_adapter = { read_adapter, "memory, redis, sharded or streams" };
static const flag_type type_subscribe = { read_subscribe, "pattern, rooms or auto" };
static const flag_type type_mode = { read_mode, "dynamic, static or dynamic-private" };
static const flag_type type_parser = { read_parser, "default or msgpack" };
static const flag_type type_transports = { read_transports, "polling, websocket, or both" };

#define FIELD(name) offsetof(node_flags, name)

static const known_flag known[] = {
    { "--host", &type_text, FIELD(host) },
    { "--port", &type_port, FIELD(port) },
    { "--name", &type_text, FIELD(name) },
    { "--redis", &type_text, FIELD(server.redis) },
    { "--adapter", &type_adapter, FIELD(adapter) },
    { "--key", &type_text, FIELD(server.redis_key) },
    { "--request-timeout", &type_uint32, FIELD(server.request_timeout_ms) },
    { "--specific-response-channel", NULL, FIELD(server.redis_specific_response_channel) },
    { "--subscribe", &type_subscribe, FIELD(server.redis_subscribe) },
    { "--subscription-mode", &type_mode, FIELD(server.redis_subscription_mode) },
    { "--ping-interval", &type_uint32, FIELD(server.ping_interval_ms) },
    { "--ping-timeout", &type_uint32, FIELD(server.ping_timeout_ms) },
    { "--upgrade-timeout", &type_uint32, FIELD(server.upgrade_timeout_ms) },
    { "--connect-timeout", &type_uint32, FIELD(server.connect_timeout_ms) },
    { "--max-payload", &type_uint32, FIELD(server.max_payload) },
    { "--max-buffered", &type_size, FIELD(server.max_buffered) },
    { "--max-buffered-total", &type_size, FIELD(server.limits.max_buffered_total) },
    { "--overflow", &type_overflow, FIELD(server.limits.overflow) },
    { "--packets", &type_uint32, FIELD(server.limits.packets.per_second) },
    { "--bytes", &type_uint32, FIELD(server.limits.bytes.per_second) },
    { "--max-connections", &type_uint32, FIELD(server.limits.max_connections) },
    { "--max-per-address", &type_uint32, FIELD(server.limits.max_connections_per_address) },
    { "--metrics-port", &type_watched, FIELD(watched) },
    { "--metrics-reuse-port", NULL, FIELD(metrics.reuse_port) },
    { "--ready-without-redis", NULL, FIELD(metrics.ready_without_redis) },
    { "--path", &type_path, FIELD(server.path) },
    { "--parser", &type_parser, FIELD(server.parser) },
    { "--transports", &type_transports, FIELD(server.transports) },
    { "--cors", &type_origins, FIELD(origins) },
    { "--trusted-proxies", &type_proxies, FIELD(proxies) },
    { "--proxy-protocol", NULL, FIELD(proxy_protocol) },
    { "--id-prefix", &type_text, FIELD(id_prefix) },
    { "--handover", &type_text, FIELD(handover) },
    { "--drain-ms", &type_uint32, FIELD(drain.deadline_ms) },
    { "--tls", &type_tls, FIELD(tls) },
    { "--tls-min", &type_version, FIELD(tls.options.min_version) },
    { "--tls-client-ca", &type_text, FIELD(tls.options.client_authorities) },
    { "--tls-client-required", NULL, FIELD(tls.options.require_client_certificate) },
    { "--http2", NULL, FIELD(tls.options.http2) },
    { "--check-origin", NULL, FIELD(server.cors.check_origin) },
    { "--cookie", &type_cookie, FIELD(server.cookie.name) },
    { "--recovery", &type_recovery, FIELD(server.connection_state_recovery) },
    { "--deflate", &type_deflate, FIELD(server.per_message_deflate) },
    { "--no-serve-client", NULL, FIELD(server.no_client_files) },
    { "--no-upgrades", NULL, FIELD(server.no_upgrades) },
    { "--allow-eio3", NULL, FIELD(server.allow_eio3) },
};

static bool complain(const char *name, const char *text)
{
    fprintf(stderr, "sio-testnode: %s: %s\n", name, text);
    return false;
}

static const known_flag *find(const char *name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

static bool read_value(node_flags *flags, const known_flag *flag, const char *text)
{
    if (!text)
        return complain(flag->name, "a value is missing");
    if (flag->type->read((char *)flags + flag->field, text))
        return true;
    fprintf(stderr, "sio-testnode: %s: \"%s\" is not %s\n", flag->name, text, flag->type->expects);
    return false;
}

/* What each value alone cannot tell: whether they go together. */
static bool agree(node_flags *flags)
{
    const sio_server_options *server = &flags->server;
    bool memory = flags->adapter && strcmp(flags->adapter, "memory") == 0;
    bool sharded = flags->adapter && strcmp(flags->adapter, "sharded") == 0;
    bool streams = flags->adapter && strcmp(flags->adapter, "streams") == 0;
    if (flags->adapter && !memory && !server->redis)
        return complain("--adapter", "redis, sharded and streams need --redis");
    if (memory && server->redis)
        return complain("--redis", "means nothing with --adapter memory");
    if (server->redis_key && !server->redis)
        return complain("--key", "means nothing without --redis");
    if (server->request_timeout_ms && !server->redis)
        return complain("--request-timeout", "means nothing without --redis");
    if (server->redis_specific_response_channel && (!server->redis || sharded || streams))
        return complain("--specific-response-channel", "means something with --adapter redis only");
    if (server->redis_subscribe && (!server->redis || sharded || streams))
        return complain("--subscribe", "means something with --adapter redis only");
    if (server->redis_subscription_mode && !sharded)
        return complain("--subscription-mode", "means something with --adapter sharded only");
    if (flags->drain.deadline_ms && !flags->handover)
        return complain("--drain-ms", "means nothing without --handover");
    if (!flags->tls.options.certificates &&
        (flags->tls.options.min_version || flags->tls.options.client_authorities ||
         flags->tls.options.require_client_certificate || flags->tls.options.http2))
        return complain("--tls", "is missing: the other flags of TLS mean nothing without it");
    if (flags->metrics.ready_without_redis && !flags->watched)
        return complain("--ready-without-redis", "means nothing without --metrics-port");
    if (flags->metrics.reuse_port && !flags->watched)
        return complain("--metrics-reuse-port", "means nothing without --metrics-port");
    if (sharded)
        flags->server.adapter = SIO_ADAPTER_SHARDED;
    if (streams)
        flags->server.adapter = SIO_ADAPTER_STREAMS;
    return true;
}

bool node_flags_read(node_flags *flags, int argc, char **argv)
{
    *flags = (node_flags){ .host = "127.0.0.1", .port = 3000 };
    for (int i = 1; i < argc; i++) {
        const known_flag *flag = find(argv[i]);
        if (!flag)
            return complain(argv[i], "no such flag in this build");
        if (!flag->type)
            *((bool *)((char *)flags + flag->field)) = true;
        else if (!read_value(flags, flag, argv[++i]))
            return false;
    }
    if (flags->origins.list[0]) {
        flags->server.cors.origins = flags->origins.list;
        flags->server.cors.credentials = strcmp(flags->origins.list[0], "*") != 0;
    }
    if (flags->proxies.list[0])
        flags->server.trusted_proxies = flags->proxies.list;
    return agree(flags);
}
