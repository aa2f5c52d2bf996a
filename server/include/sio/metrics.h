/*
 * How a server is watched: a listener of its own with metrics in the form of Prometheus, health and
 * readiness; and the same values by name for an application that has other means.
 *
 *   GET /metrics   text format 0.0.4, or OpenMetrics 1.0 for who asks for it
 *   GET /healthz   200 as long as the loop turns
 *   GET /readyz    200, or 503 with the reason in its body
 *
 * It answers whoever reaches it, without a password: give it an address that only your monitoring
 * reaches. Nothing of it is served where clients are. What is counted while nobody asks costs an
 * addition; docs/guide/operating.md has a table of all metrics.
 */
#ifndef SIO_METRICS_H
#define SIO_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/extern.h>

typedef struct sio_server sio_server;

/* Zero means the default. Strings are copied. */
typedef struct sio_metrics_options {
    const char *host; /* "127.0.0.1", also where it is NULL; "::" for all addresses */
    uint16_t port;    /* 0: any free one, see sio_server_metrics_port */
    const char *path; /* a unix socket in place of host and port, as in sio_listen_options */
    uint32_t mode;    /* of its file */
    /* As in sio_listen_options, for a hand-over (handover.h), during which two processes live: the
     * old one closes its listener then, where this is true. A listener of metrics is not handed
     * over. */
    bool reuse_port;
    /* true: /readyz is 200 while Redis is away too, for clients of this node are served then. */
    bool ready_without_redis;
    /* What else the application needs to be ready: NULL, or what is missing, in a few words, which
     * are borrowed until the next turn of the loop. Called for each request of /readyz that nothing
     * else is against; `data` is that of sio_server_options. */
    const char *(*ready)(sio_server *server, void *data);
} sio_metrics_options;

/* Opens the listener, and measures from then on (sio_server_measure). It stays open through a
 * drain, until the last client has left. At most SIO_LIMIT_WATCHERS connections are served at a
 * time; a further one ends the oldest. They count for no limit of clients'. SIO_EEXISTS: it is open
 * already; SIO_EINVAL: host, port or reuse_port beside a path, or a mode without one; else as for
 * sio_server_listen_with. */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_metrics(sio_server *server,
                                                      const sio_metrics_options *options);

/* Its TCP port; 0: there is none. */
SIO_EXTERN uint16_t sio_server_metrics_port(const sio_server *server);

/* What /readyz says: NULL, or why the server is not ready, borrowed until the next turn of the
 * loop. */
SIO_EXTERN const char *sio_server_unready(sio_server *server);

/* Begins to measure what cannot be counted: how late the loop is, by a timer of
 * SIO_LIMIT_SAMPLE_MS, and with a Redis how long a message takes through it, by one each second
 * from this node to itself. The histograms are empty before. */
SIO_EXTERN void sio_server_measure(sio_server *server);

/* ---- values ---- */

typedef enum sio_metric_type {
    SIO_METRIC_GAUGE,   /* goes up and down */
    SIO_METRIC_COUNTER, /* only grows, from 0 */
    SIO_METRIC_HISTOGRAM
} sio_metric_type;

#define SIO_HISTOGRAM_BOUNDS 15

/* Durations. counts[i] of them were not longer than sio_histogram_bound(i) seconds, and longer than
 * the bound before; the last were longer than any. */
typedef struct sio_histogram {
    uint64_t counts[SIO_HISTOGRAM_BOUNDS + 1];
    uint64_t sum_ns;
} sio_histogram;

/* Seconds, 0.00025 to 10; 0: no such index. */
SIO_EXTERN double sio_histogram_bound(unsigned index);

/* All is borrowed, texts are static. */
typedef struct sio_metric {
    const char *name; /* "sio_events_received_total" */
    const char *help; /* one sentence */
    sio_metric_type type;
    const char *label; /* NULL: it has none, and is alone of its name */
    const char *label_value;
    double value;                   /* of gauges and counters */
    const sio_histogram *histogram; /* of histograms */
} sio_metric;

/* Calls `each` for every metric that /metrics has: those of one name one after the other. Those of
 * Redis come only where there is one. `each` must not call it again. */
SIO_EXTERN void sio_server_metrics_each(const sio_server *server,
                                        void (*each)(const sio_metric *metric, void *data),
                                        void *data);

#endif
