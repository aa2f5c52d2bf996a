/* What the node has counted. */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>

#include "control.h"

#define COUNTER(name)                                                                              \
    {                                                                                              \
#name, offsetof(sio_server_stats, name)                                                    \
    }
#define CLUSTER_COUNTER(name)                                                                      \
    {                                                                                              \
#name, offsetof(sio_server_stats, cluster.name)                                            \
    }

static const struct {
    const char *name;
    size_t field; /* offset of an uint64_t */
} counters[] = {
    COUNTER(clients),
    COUNTER(clients_websocket),
    COUNTER(sockets),
    COUNTER(handshakes),
    COUNTER(messages_in),
    COUNTER(messages_out),
    COUNTER(broadcasts),
    COUNTER(deflated),
    COUNTER(volatile_lost),
    COUNTER(drained),
    COUNTER(passed_on),
    COUNTER(connections),
    COUNTER(refused_connections),
    COUNTER(accept_pauses),
    COUNTER(refused_per_address),
    COUNTER(refused_for_rate),
    COUNTER(long_urls),
    COUNTER(many_headers),
    COUNTER(long_heads),
    COUNTER(timed_out),
    COUNTER(buffered_bytes),
    COUNTER(dropped_messages),
    COUNTER(rate_exceeded),
    COUNTER(overflows),
    COUNTER(dynamic_namespaces),
    COUNTER(namespaces_refused),
    COUNTER(sessions_kept),
    COUNTER(sessions_restored),
    COUNTER(packets_kept),
    COUNTER(recovery_bytes),
    COUNTER(recovery_dropped),
    CLUSTER_COUNTER(published),
    CLUSTER_COUNTER(published_lost),
    CLUSTER_COUNTER(received),
    CLUSTER_COUNTER(own),
    CLUSTER_COUNTER(elsewhere),
    CLUSTER_COUNTER(malformed),
    CLUSTER_COUNTER(delivered),
    CLUSTER_COUNTER(requests),
    CLUSTER_COUNTER(answers),
    CLUSTER_COUNTER(channels),
    CLUSTER_COUNTER(connects),
    CLUSTER_COUNTER(queued_bytes),
};

/* Of the sanitizers, where they are: malloc is theirs then. */
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* What is allocated and not freed, by anybody in this process. */
static size_t heap_bytes(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

void control_stats(const control_request *request)
{
    sio_server_stats now;
    sio_server_stats_get(request->of->node->server, &now);
    char json[2048];
    int len = snprintf(json, sizeof(json), "{\"ok\":true");
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        uint64_t number = *(const uint64_t *)((const char *)&now + counters[i].field);
        len += snprintf(json + len, sizeof(json) - (size_t)len, ",\"%s\":%" PRIu64,
                        counters[i].name, number);
    }
    len += snprintf(json + len, sizeof(json) - (size_t)len, ",\"heap_bytes\":%zu}", heap_bytes());
    sio_value *reply = NULL;
    int err = sio_value_from_json(&reply, json, (size_t)len);
    if (err)
        control_refuse(request, "stats:", sio_err_message(err));
    else
        sio_ack_send(request->ack, "v", reply);
    sio_value_free(reply);
}
