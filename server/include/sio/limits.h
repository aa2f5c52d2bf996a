/*
 * What clients may take of a server, and how long they may take for it. What is fixed, and the
 * reasons for all of it, are in sio/sys/limits.h; SECURITY.md says which harm each of them keeps
 * away.
 */
#ifndef SIO_LIMITS_H
#define SIO_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* So many a second, and so many at once after a pause. */
typedef struct sio_rate {
    uint32_t per_second; /* 0: any number, there is no limit */
    uint32_t burst;      /* per_second */
} sio_rate;

/* Zero means what stands behind it. */
typedef struct sio_limit_options {
    /*
     * Connections. An address is one of IPv4, or a /64 of IPv6. Those of trusted_proxies and of
     * unix sockets are not limited; behind a proxy that speaks HTTP a client has as many
     * connections as it has requests that are being served, and WebSockets. Who is refused gets 503
     * (in all) or 429 (for its address), with Retry-After, and finds on_connection_error silent: a
     * flood is counted (sio_server_stats), not told. A session that exists is never refused.
     */
    uint32_t max_connections; /* any number, as many as there are descriptors */
    /* Any number: behind one address there may be a school, or all customers of a carrier. */
    uint32_t max_connections_per_address;
    /* Of one address, connections and sessions: each connection with its first session is one, each
     * further session another. Any number, for the same reason. */
    sio_rate new_connections;

    /*
     * Milliseconds. Who is slower gets 408 where an answer can be given, and is cut off; the
     * counter is sio_server_stats.timed_out. Besides these, clients have upgrade_timeout_ms to
     * finish an upgrade, connect_timeout_ms to join a namespace, and ping_timeout_ms to show that
     * they live.
     */
    uint32_t head_timeout_ms;   /* 10000: a request's line and headers, from its first byte; of a
                                   new connection from its beginning */
    uint32_t body_timeout_ms;   /* 30000: a request's body, from the end of its head */
    uint32_t answer_timeout_ms; /* 10000: without a byte of an answer being taken */
    uint32_t keep_alive_timeout_ms; /* 5000: between two requests of a connection */
    /* A message by WebSocket, from its first byte. The default is no limit of its own: whoever is
     * in the middle of a message cannot answer a ping, so that ping_interval_ms and ping_timeout_ms
     * together end it. */
    uint32_t message_timeout_ms;
} sio_limit_options;

#endif
