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

/* What happens to an event for a client that has left something unread, and would have more than
 * max_buffered waiting. An acknowledgement that a dropped one asks for never comes. Volatile events
 * are dropped before it comes to that. What is no event (answers, pings, the results of joining) is
 * never dropped, for clients rely on it: beyond max_buffered it ends the client whatever the
 * policy. The counter is dropped_messages. */
typedef enum sio_overflow {
    SIO_OVERFLOW_CLOSE, /* the client is closed, for "buffer overflow" */
    SIO_OVERFLOW_DROP_NEWEST,
    SIO_OVERFLOW_DROP_OLDEST /* those that wait longest go, until there is room */
} sio_overflow;

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
     * What one client sends. Who exceeds a rate is closed, for "rate limit exceeded"; the counter
     * is rate_exceeded. Off, for only the application knows what is much. A client that sends
     * nothing costs nothing for them.
     */
    sio_rate packets; /* of Engine.IO: an event is one, and each of its attachments, and a pong */
    sio_rate bytes;   /* of packets; one that is larger than the burst passes, and is waited for */
    uint32_t max_namespaces_per_client; /* 100; a client that asks for more is closed */
    uint32_t
        max_rooms_per_socket;  /* any number; with its own, of its id: joining is SIO_ELIMIT then */
    uint32_t max_pending_acks; /* 10000: acknowledgements that a socket may owe; asking is
                                  SIO_ELIMIT then */

    /* What waits for clients. Bytes are counted for each client that they wait for, also where it
     * is one broadcast that they all share: it is the most that may be taken. */
    sio_overflow overflow; /* SIO_OVERFLOW_CLOSE */
    /* Any number of bytes. While more wait than this, in all, a client that is behind is treated as
     * if its max_buffered were 64 KiB. */
    size_t max_buffered_total;

    /* A request's head. Who sends a longer URL gets 414, who sends more lines or bytes 431; the
     * counters are long_urls, many_headers and long_heads. */
    uint32_t max_url;     /* 16384 bytes; at most 65535 */
    uint32_t max_headers; /* 100 lines, which is the most, too */
    uint32_t max_head;    /* 16384 bytes of URL, names and values; at most 65535 */

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
