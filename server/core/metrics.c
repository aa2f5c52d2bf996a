#include "core/metrics.h"

#include <stddef.h>

#include <sio/version.h>

#include "core/server.h"

/* All values of one moment. */
typedef struct snapshot {
    sio_server_stats stats;
    sio_process process;
    uint64_t clients_polling;
    uint64_t handshakes_polling;
    uint64_t ready; /* the link to Redis stands */
    uint64_t one;
} snapshot;

typedef enum origin {
    OF_SERVER,
    OF_CLUSTER, /* only there where the server has an adapter */
    OF_SECONDS, /* a double */
    OF_HISTOGRAM
} origin;

typedef struct row {
    const char *name; /* NULL: that of the row before, and its help and type */
    const char *help;
    sio_metric_type type;
    const char *label;
    const char *label_value;
    size_t field; /* in the snapshot, or of histograms in the server */
    origin origin;
} row;

#define FIELD(name)   offsetof(snapshot, name)
#define STAT(name)    offsetof(snapshot, stats.name)
#define CLUSTER(name) offsetof(snapshot, stats.cluster.name)
#define REFUSED(code) (STAT(refused_requests) + (code) * sizeof(uint64_t))
#define ROW(name, help, type, label, value, field, source)                                         \
    {                                                                                              \
        name, help, SIO_METRIC_##type, label, value, field, source                                 \
    }
#define ONE(name, help, type, field)     ROW(name, help, type, NULL, NULL, field, OF_SERVER)
#define REDIS(name, help, type, field)   ROW(name, help, type, NULL, NULL, field, OF_CLUSTER)
#define SECONDS(name, help, type, field) ROW(name, help, type, NULL, NULL, field, OF_SECONDS)
#define FIRST(name, help, type, label, value, field)                                               \
    ROW(name, help, type, label, value, field, OF_SERVER)
#define NEXT(value, field)       ROW(NULL, NULL, GAUGE, NULL, value, field, OF_SERVER)
#define REDIS_NEXT(value, field) ROW(NULL, NULL, GAUGE, NULL, value, field, OF_CLUSTER)

static const row rows[] = {
    FIRST("sio_build_info", "The version that runs; always 1.", GAUGE, "version",
          SIO_VERSION_STRING, FIELD(one)),

    ONE("sio_connections", "Connections over TCP and unix sockets now, of clients and others.",
        GAUGE, STAT(connections)),
    FIRST("sio_clients", "Clients connected now, by transport.", GAUGE, "transport", "polling",
          FIELD(clients_polling)),
    NEXT("websocket", STAT(clients_websocket)),
    ONE("sio_sockets", "Sockets connected now, in all namespaces.", GAUGE, STAT(sockets)),
    ONE("sio_namespaces", "Namespaces there now, dynamic ones included.", GAUGE, STAT(namespaces)),
    ONE("sio_dynamic_namespaces", "Namespaces there now that were made because a client asked.",
        GAUGE, STAT(dynamic_namespaces)),
    ONE("sio_rooms", "Rooms with members here now, without the one that each socket has alone.",
        GAUGE, STAT(rooms)),
    ONE("sio_queue_bytes", "Bytes that wait for clients, at the end of the last turn of the loop.",
        GAUGE, STAT(buffered_bytes)),

    FIRST("sio_handshakes_total", "Sessions that were opened, by their first transport.", COUNTER,
          "transport", "polling", FIELD(handshakes_polling)),
    NEXT("websocket", STAT(handshakes_websocket)),
    ONE("sio_upgrades_total", "Clients that went from polling to WebSocket.", COUNTER,
        STAT(upgrades)),
    FIRST("sio_connections_refused_total", "Connections that were refused for a limit.", COUNTER,
          "cause", "max_connections", STAT(refused_connections)),
    NEXT("max_connections_per_address", STAT(refused_per_address)),
    NEXT("new_connections", STAT(refused_for_rate)),
    FIRST("sio_requests_refused_total", "Requests of Engine.IO that were refused, by its error.",
          COUNTER, "cause", "unknown_transport", REFUSED(SIO_ENGINE_UNKNOWN_TRANSPORT)),
    NEXT("unknown_sid", REFUSED(SIO_ENGINE_UNKNOWN_SID)),
    NEXT("bad_handshake_method", REFUSED(SIO_ENGINE_BAD_HANDSHAKE_METHOD)),
    NEXT("bad_request", REFUSED(SIO_ENGINE_BAD_REQUEST)),
    NEXT("forbidden", REFUSED(SIO_ENGINE_FORBIDDEN)),
    NEXT("unsupported_protocol_version", REFUSED(SIO_ENGINE_UNSUPPORTED_PROTOCOL_VERSION)),
    FIRST("sio_joins_refused_total", "Clients that were not let into a namespace.", COUNTER,
          "cause", "middleware", STAT(refused_by_middleware)),
    NEXT("unknown_namespace", STAT(refused_names)),
    NEXT("max_dynamic_namespaces", STAT(namespaces_refused)),
    FIRST("sio_disconnects_total", "Sockets that have left, by the reason that on_disconnect gets.",
          COUNTER, "reason", "transport close", STAT(disconnects[0])),
    NEXT("transport error", STAT(disconnects[1])),
    NEXT("ping timeout", STAT(disconnects[2])),
    NEXT("parse error", STAT(disconnects[3])),
    NEXT("forced close", STAT(disconnects[4])),
    NEXT("forced server close", STAT(disconnects[5])),
    NEXT("client namespace disconnect", STAT(disconnects[6])),
    NEXT("server namespace disconnect", STAT(disconnects[7])),
    NEXT("server shutting down", STAT(disconnects[8])),
    NEXT("buffer overflow", STAT(disconnects[9])),
    NEXT("rate limit exceeded", STAT(disconnects[10])),
    NEXT("other", STAT(disconnects[11])),
    ONE("sio_clients_dropped_total",
        "Clients that were closed for max_buffered, another limit, or want of memory.", COUNTER,
        STAT(overflows)),
    ONE("sio_clients_never_joined_total", "Clients that were closed for connect_timeout_ms.",
        COUNTER, STAT(never_joined)),
    ONE("sio_clients_drained_total", "Clients that sio_server_drain has told to go.", COUNTER,
        STAT(drained)),
    ONE("sio_rate_exceeded_total", "Clients that were closed for sending too fast.", COUNTER,
        STAT(rate_exceeded)),
    FIRST("sio_heads_refused_total", "Requests that were refused for their head.", COUNTER, "cause",
          "max_url", STAT(long_urls)),
    NEXT("max_headers", STAT(many_headers)),
    NEXT("max_head", STAT(long_heads)),
    ONE("sio_accept_pauses_total", "Times that connections waited for descriptors or memory.",
        COUNTER, STAT(accept_pauses)),
    ONE("sio_connections_passed_total",
        "Connections that went to the process before or after this one.", COUNTER, STAT(passed_on)),
    ONE("sio_timeouts_total", "Connections that were cut off for being slow.", COUNTER,
        STAT(timed_out)),

    ONE("sio_received_bytes_total", "Bytes read from connections, of HTTP and WebSocket too.",
        COUNTER, STAT(bytes_in)),
    ONE("sio_sent_bytes_total", "Bytes handed to the kernel for connections.", COUNTER,
        STAT(bytes_out)),
    ONE("sio_packets_received_total", "Messages of Engine.IO that came from clients.", COUNTER,
        STAT(messages_in)),
    ONE("sio_packets_sent_total", "Packets of Engine.IO that were queued for clients.", COUNTER,
        STAT(messages_out)),
    ONE("sio_events_received_total", "Events that came from clients.", COUNTER, STAT(events_in)),
    ONE("sio_events_sent_total", "Events that were queued for clients, one for each receiver.",
        COUNTER, STAT(events_out)),
    ONE("sio_acks_received_total", "Acknowledgements that came from clients.", COUNTER,
        STAT(acks_in)),
    ONE("sio_broadcasts_total", "Broadcasts that had a receiver on this node.", COUNTER,
        STAT(broadcasts)),
    ONE("sio_deliveries_total", "Events of broadcasts that were queued for clients.", COUNTER,
        STAT(deliveries)),
    ONE("sio_deflated_total", "Messages that were deflated, whoever got them.", COUNTER,
        STAT(deflated)),
    FIRST("sio_messages_dropped_total",
          "Messages for clients that were dropped: volatile ones of who was not ready, those above "
          "max_buffered, those that waited for who ended.",
          COUNTER, "cause", "volatile", STAT(volatile_lost)),
    NEXT("overflow", STAT(dropped_messages)),
    NEXT("closed", STAT(dropped_closed)),

    ONE("sio_recovery_sessions", "Sessions kept now for clients that may come back.", GAUGE,
        STAT(sessions_kept)),
    ONE("sio_recovery_packets", "Packets kept now for clients that may come back.", GAUGE,
        STAT(packets_kept)),
    ONE("sio_recovery_bytes", "Bytes that both take.", GAUGE, STAT(recovery_bytes)),
    ONE("sio_recovery_restored_total", "Sessions of clients that came back.", COUNTER,
        STAT(sessions_restored)),
    ONE("sio_recovery_dropped_total", "Sessions and packets that were dropped before their time.",
        COUNTER, STAT(recovery_dropped)),

    REDIS("sio_redis_up", "1 while the link to Redis stands and all is subscribed to, else 0.",
          GAUGE, FIELD(ready)),
    REDIS("sio_redis_connects_total", "Times the link to Redis was made; the first is one.",
          COUNTER, CLUSTER(connects)),
    REDIS("sio_redis_published_total", "Messages handed to Redis.", COUNTER, CLUSTER(published)),
    REDIS("sio_redis_lost_total",
          "Messages that were dropped, refused, or on their way when the link broke.", COUNTER,
          CLUSTER(published_lost)),
    REDIS("sio_redis_received_total", "Messages that came, this node's own included.", COUNTER,
          CLUSTER(received)),
    { "sio_redis_messages_total", "What became of those that came.", SIO_METRIC_COUNTER, "outcome",
      "delivered", CLUSTER(delivered), OF_CLUSTER },
    REDIS_NEXT("own", CLUSTER(own)),
    REDIS_NEXT("elsewhere", CLUSTER(elsewhere)),
    REDIS_NEXT("request", CLUSTER(requests)),
    REDIS_NEXT("answer", CLUSTER(answers)),
    REDIS_NEXT("malformed", CLUSTER(malformed)),
    REDIS("sio_redis_channels", "Channels subscribed to now; 0 where a pattern does for all.",
          GAUGE, CLUSTER(channels)),
    REDIS("sio_redis_queue_bytes", "Bytes that wait for Redis, or for its answer.", GAUGE,
          CLUSTER(queued_bytes)),
    { "sio_redis_lag_seconds", "From publishing to receiving, of a message to this node itself.",
      SIO_METRIC_HISTOGRAM, NULL, NULL, offsetof(sio_server, cluster_lag), OF_CLUSTER },

    { "sio_loop_delay_seconds", "How late a timer of the loop was.", SIO_METRIC_HISTOGRAM, NULL,
      NULL, offsetof(sio_server, loop_delay), OF_HISTOGRAM },
    ONE("sio_memory_allocated_bytes", "Bytes of the C library's allocator in use, by anybody.",
        GAUGE, FIELD(process.allocated_bytes)),
    ONE("process_resident_memory_bytes", "Resident memory.", GAUGE, FIELD(process.resident_bytes)),
    ONE("process_virtual_memory_bytes", "Virtual memory.", GAUGE, FIELD(process.virtual_bytes)),
    ONE("process_open_fds", "Open descriptors.", GAUGE, FIELD(process.open_descriptors)),
    ONE("process_max_fds", "Descriptors that may be open.", GAUGE, FIELD(process.max_descriptors)),
    SECONDS("process_cpu_seconds_total", "Time of user and system.", COUNTER, FIELD(process.cpu_s)),
    SECONDS("process_start_time_seconds", "When the process began, since 1970.", GAUGE,
            FIELD(process.start_s)),
};

static void take(snapshot *out, const sio_server *server)
{
    *out = (snapshot){ .one = 1, .ready = server->cluster_state == SIO_CLUSTER_READY };
    sio_server_stats_get(server, &out->stats);
    out->clients_polling = out->stats.clients - out->stats.clients_websocket;
    out->handshakes_polling = out->stats.handshakes - out->stats.handshakes_websocket;
    if (server->net_ops->process)
        server->net_ops->process(server->net, &out->process);
}

static void fill(sio_metric *metric, const row *of, const snapshot *now, const sio_server *server)
{
    if (of->name) {
        metric->name = of->name;
        metric->help = of->help;
        metric->type = of->type;
        metric->label = of->label;
    }
    metric->label_value = of->label_value;
    metric->histogram = NULL;
    metric->value = 0;
    if (metric->type == SIO_METRIC_HISTOGRAM)
        metric->histogram = (const sio_histogram *)(const void *)((const char *)server + of->field);
    else if (of->origin == OF_SECONDS)
        metric->value = *(const double *)(const void *)((const char *)now + of->field);
    else
        metric->value = (double)*(const uint64_t *)(const void *)((const char *)now + of->field);
}

void sio_server_metrics_each(const sio_server *server,
                             void (*each)(const sio_metric *metric, void *data), void *data)
{
    snapshot now;
    sio_metric metric = { 0 };
    take(&now, server);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (rows[i].origin == OF_CLUSTER && !server->adapter)
            continue;
        fill(&metric, &rows[i], &now, server);
        each(&metric, data);
    }
}
