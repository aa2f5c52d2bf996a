/*
 * The server: listens, keeps the clients, and, with a Redis URL, is one node of a cluster.
 *
 * One server lives on one libuv loop and in one thread: every function here, and every callback
 * that it makes, belongs to that thread (post.h has what other threads may call). Several servers
 * may be in one process, on one loop or in threads of their own; they share nothing. Callbacks may
 * call anything, sio_server_close included, but not sio_server_free (that belongs after the loop,
 * or into on_closed), and on_log nothing at all. What they emit goes out at the end of the loop's
 * turn, one write per client.
 *
 * In a child of fork a server of the parent's is dead: it has the parent's sockets, the loop's own
 * included. Nothing may be called there but exec and _exit, on purpose; sio_server_run, _listen and
 * its kin fail, and sio_server_close and sio_server_free do nothing, so that a child that runs the
 * parent's way to the end by mistake harms nobody. All descriptors are closed on exec.
 *
 * On a loop of the application, signals are the application's too: it calls sio_server_close, lets
 * the loop run, and frees the server in on_closed.
 */
#ifndef SIO_SERVER_H
#define SIO_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/adapter.h>
#include <sio/drain.h>
#include <sio/err.h>
#include <sio/http.h>
#include <sio/limits.h>
#include <sio/listen.h>
#include <sio/log.h>
#include <sio/value.h>

struct uv_loop_s;
typedef struct sio_server sio_server;
typedef struct sio_namespace sio_namespace;
typedef struct sio_socket sio_socket;
typedef struct sio_client sio_client;

#define SIO_TRANSPORT_POLLING   1u
#define SIO_TRANSPORT_WEBSOCKET 2u

/* How packets are written; clients and server must agree. */
typedef enum sio_parser {
    SIO_PARSER_DEFAULT, /* JSON, binary apart */
    SIO_PARSER_MSGPACK  /* socket.io-msgpack-parser 3: each packet is one binary message */
} sio_parser;

/* permessage-deflate (RFC 7692) over WebSocket, always without context takeover: a broadcast is
 * deflated once for all its receivers, and a connection keeps no state of zlib. A client that
 * inflates with a window of N bytes only gets longer messages plain, and so does everyone what is
 * longer than SIO_LIMIT_DEFLATE. The server itself needs some 300 KiB for it. */
typedef struct sio_deflate_options {
    bool enable;        /* false: clients that offer it are not heeded */
    uint32_t threshold; /* 1024: messages of fewer bytes go out plain */
    int level;          /* 6: 1 (fast) to 9 (small), as zlib's */
    int mem_level;      /* 8: 1 to 9, as zlib's memLevel */
} sio_deflate_options;

/*
 * Connection state recovery: a client that loses its connection, and comes back in time to this
 * server, is the same socket again, with its id, rooms and data, and gets what was emitted to it
 * meanwhile. Events then have one argument more at their end, a text by which the client says how
 * far it has got; none is kept of events that are volatile or ask for an acknowledgement.
 */
typedef struct sio_recovery_options {
    bool enable;
    uint32_t max_disconnection_ms; /* 120000: who stays away for longer begins anew */
    bool run_middlewares;          /* true: recovered sockets pass the middlewares too */
    size_t max_bytes; /* 64 MiB of sessions and events that are kept: the oldest go before their
                         time, and who needs them begins anew */
} sio_recovery_options;

/* Zero means the default, everywhere. Strings are copied. The names are those of socket.io where it
 * has the option. */
typedef struct sio_server_options {
    struct uv_loop_s *loop; /* a loop of the application; NULL: the server has its own */

    const char *path;          /* "/socket.io" */
    bool no_trailing_slash;    /* true: requests go to "/socket.io?…", not to "/socket.io/?…" */
    unsigned transports;       /* SIO_TRANSPORT_…; both */
    bool no_upgrades;          /* true: a polling client stays one */
    bool allow_eio3;           /* true: clients of Socket.IO 2 (Engine.IO 3) are served too */
    uint32_t ping_interval_ms; /* 25000 */
    uint32_t ping_timeout_ms;  /* 20000 */
    uint32_t upgrade_timeout_ms; /* 10000 */
    uint32_t
        connect_timeout_ms; /* 45000: a client that has joined no namespace by then is closed */
    uint32_t max_payload;   /* 1000000 bytes of one message from a client (maxHttpBufferSize) */
    sio_parser parser;      /* SIO_PARSER_DEFAULT */
    /* 16 MiB: a client is closed (limits.overflow knows other ways) when it has left something
     * unread and would have more than this waiting, where each message counts for 64 bytes more
     * than it has. What one turn of the loop emits to a client that has read everything never
     * counts against it, however much it is. */
    size_t max_buffered;
    sio_limit_options limits; /* limits.h */
    bool no_client_files;     /* true: do not serve socket.io.js and its kin */
    const char *client_files; /* folder they are in; the one they were installed to */

    sio_deflate_options per_message_deflate;        /* off */
    sio_recovery_options connection_state_recovery; /* off */

    /* Proxies whose word is taken for where a client is, and whether it came by TLS:
     * X-Forwarded-For and X-Forwarded-Proto, or without these two Forwarded; with proxy_protocol of
     * sio_listen_options the PROXY protocol. NULL-terminated: addresses, blocks ("10.0.0.0/8",
     * "fd00::/8"), "unix:" for whoever comes by a unix socket. They are read from their
     * right as far as they were written by these; what stands before that anybody may have made up.
     * None, and the address is that of the peer. */
    const char *const *trusted_proxies;

    sio_cors_options cors;               /* http.h; off */
    sio_cookie_options cookie;           /* http.h; off */
    const char *initial_packet;          /* a message that every client gets first, UTF-8; none */
    bool no_http_compression;            /* true: answers to polls are never compressed */
    uint32_t http_compression_threshold; /* 1024 bytes of such an answer */
    bool no_io_uring; /* true: one system call for each WebSocket that is read from or written to.
                         Otherwise a turn makes one for all, where Linux is 5.18 or newer and lets
                         the process use io_uring */
    uint32_t send_threads; /* 0: how many threads help to send what a turn has for 64 WebSockets or
                              more, 8 at most. A broadcast reaches its last client sooner where the
                              machine has processors to spare; handlers stay in one thread */

    /* Asked before a new session is made; the answer may come later. Everybody is let in. */
    void (*allow_request)(sio_server *server, const sio_http_request *request,
                          sio_admission *admission, void *data);
    /* Writes the id of a new session: 1 to 20 characters of A-Z a-z 0-9 - _ . ~, which nobody can
     * guess and no session has. Not 0, or another id: the request is refused. 20 random ones. */
    int (*generate_id)(sio_server *server, const sio_http_request *request,
                       char id[SIO_SESSION_ID_SIZE], void *data);
    /* The events initial_headers and headers of engine.io: may add header lines to what a session's
     * request by polling, or to open a WebSocket, is answered with. The first one is asked at the
     * first request of a session only, which has no `sid` in its query; the second at each, after
     * it. Both are called when the request has come, and not for what is refused then. */
    void (*on_initial_headers)(sio_server *server, const sio_http_request *request,
                               sio_headers *headers, void *data);
    void (*on_headers)(sio_server *server, const sio_http_request *request, sio_headers *headers,
                       void *data);
    /* A request was refused. */
    void (*on_connection_error)(sio_server *server, const sio_connection_error *error, void *data);

    const char *redis; /* redis://host, unix:PATH, with TLS, by sentinels, cluster: docs/redis.md;
                          NULL: one node alone */
    const char *redis_key;    /* "socket.io": channel prefix, the same in all nodes and emitters */
    sio_adapter_kind adapter; /* adapter.h; SIO_ADAPTER_CLASSIC, if there is a redis */
    sio_redis_subscribe redis_subscribe; /* adapter.h; SIO_SUBSCRIBE_PATTERN */
    /* adapter.h; SIO_SHARDED_DYNAMIC (subscriptionMode of the sharded adapter) */
    sio_sharded_mode redis_subscription_mode;
    sio_streams_options redis_streams; /* adapter.h */
    /* true: answers to other nodes go to the one that asked alone, not to all
     * (publishOnSpecificResponseChannel). Nodes with and without it may be mixed. */
    bool redis_specific_response_channel;

    uint32_t request_timeout_ms; /* 5000: how long questions to other nodes, and to several clients,
                                    wait for answers where they do not say */
    /* true: a child of sio_server_of_pattern or sio_server_of_check is closed, and its object
     * freed, at the end of the turn in which its last socket has left. */
    bool cleanup_empty_child_namespaces;
    uint32_t max_dynamic_namespaces; /* 10000: clients that ask for one more are refused, "too many
                                        namespaces" */
    /* A namespace has come into being, by sio_server_of or because a client asked for it. "/" is
     * there from the start. */
    void (*on_new_namespace)(sio_server *server, sio_namespace *nsp, void *data);

    /* Told of each step of the link to Redis. */
    void (*on_cluster)(sio_server *server, sio_cluster_state state, const char *detail, void *data);
    /* log.h; silent without it. `text` is one line without a line feed, borrowed. It is called in
     * the middle of things, and is the one callback that must call no function of the server. */
    void (*on_log)(sio_server *server, sio_log_level level, sio_log_category category,
                   const char *text, void *data);
    /* The same with fields, for lines that machines read: sio_log_stderr of log.h, or one of your
     * own. Both may be there. */
    void (*on_log_record)(sio_server *server, const sio_log_record *record, void *data);
    sio_log_format log_format; /* SIO_LOG_TEXT: how sio_log_stderr writes them */
    sio_log_filter log;        /* which lines on_log gets; { 0 }: SIO_LOG_INFO and what is graver */
    /* SIGTERM makes sio_server_run drain by `drain` before it returns; a second one closes at once.
     * SIGINT always does. */
    bool drain_on_sigterm;
    sio_drain_options drain;
    /* A client has connected, and has joined no namespace yet ("connection" of io.engine): client.h
     * has what can be done with it. */
    void (*on_client)(sio_server *server, sio_client *client, void *data);
    /* Everything has been closed after sio_server_close; sio_server_free may be called now, from
     * here too. */
    void (*on_closed)(sio_server *server, void *data);
    void *data; /* handed to all callbacks here */

    /* Where to write a sentence when sio_server_new fails; may be NULL. */
    char *error;
    size_t error_size;
} sio_server_options;

/* A new server. If SIGPIPE has its default action it gets an empty handler: a peer that goes away
 * must not end the process. What the application has chosen stays, and programs that are started
 * from here find the default. SIO_EINVAL (an option makes no sense;
 * options->error says which), SIO_EURL, SIO_ENOMEM, SIO_ESYSTEM. */
SIO_EXTERN SIO_MUST_USE int sio_server_new(sio_server **out, const sio_server_options *options);

/* Frees a server that is closed or has never listened; at another time it closes it first, without
 * ceremony, and (with a loop of its own) runs the loop to the end. With a loop of the application,
 * close it first; of one that has never listened that loop lets go in its next turns. NULL is
 * allowed. */
SIO_EXTERN void sio_server_free(sio_server *server);

/* Where it listens: listen.h. How it goes out of service: drain.h. */

/* Runs the server's own loop until the server is closed: by sio_server_close, sio_server_drain,
 * SIGINT or SIGTERM. Returns 0 then. SIO_EINVAL when the loop is the application's. */
SIO_EXTERN int sio_server_run(sio_server *server);

/* Begins to close: no new connections, each socket disconnects for "server shutting down", then
 * every connection ends, after SIO_LIMIT_CLOSE_MS at the latest. on_closed follows. */
SIO_EXTERN void sio_server_close(sio_server *server);

/* The namespace of that name, made if it is not there. The name starts with a slash, which is added
 * if it does not. One that a pattern of sio_server_of_pattern matches is a child of it. NULL:
 * memory is out or the name longer than SIO_LIMIT_NAME. Lives as long as the server, but for
 * children with cleanup_empty_child_namespaces. */
SIO_EXTERN sio_namespace *sio_server_of(sio_server *server, const char *name);

/*
 * Namespaces that are made when a client asks for them. What comes back is their parent, borrowed,
 * which lives as long as the server and has no sockets itself: its middlewares, and its handlers
 * for connections, events and disconnections, hold for all its children, also for those that are
 * there already (not so in socket.io), and run before the child's own; what is emitted to it goes
 * to all its children. A question put to it is SIO_EINVAL. Parents are asked in the order they were
 * made, and only for names that no namespace has.
 *
 * The pattern is an extended regular expression of POSIX, found anywhere in the name: anchor it, as
 * in "^/orders-[0-9]+$". SIO_EINVAL: it is none (sio_server_error says why); SIO_ENOMEM.
 */
SIO_EXTERN SIO_MUST_USE int sio_server_of_pattern(sio_server *server, sio_namespace **parent,
                                                  const char *expression);

/* The same, decided by a callback, which answers once, now or later: sio_next_pass, or
 * sio_next_refuse (namespace.h), after which the next parent is asked; message and data of it are
 * not used, since a client that nobody takes is told "Invalid namespace". `name` and `auth` (what
 * the client gave, NULL: nothing) are borrowed for the call. SIO_EINVAL: no callback; SIO_ENOMEM.
 */
typedef struct sio_next sio_next;
typedef void (*sio_namespace_check_cb)(sio_server *server, const char *name, const sio_value *auth,
                                       sio_next *next, void *data);
SIO_EXTERN SIO_MUST_USE int sio_server_of_check(sio_server *server, sio_namespace **parent,
                                                sio_namespace_check_cb check, void *data);

/* What exactly was wrong, in a sentence, when one of these failed last: sio_server_of and its kin,
 * sio_server_serve, sio_server_drain, and all of listen.h. "" before that. on_log gets it too.
 * Borrowed until the next of them fails. */
SIO_EXTERN const char *sio_server_error(const sio_server *server);

/* Answers GET and HEAD of exactly `url` with a file, read anew when it has changed. The type
 * follows its ending. For the page of a demo or a health check, not in place of a web server.
 * SIO_EINVAL (a path begins with a
 * slash and has no query), SIO_EEXISTS, SIO_ENOTFOUND (no such file), SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_server_serve(sio_server *server, const char *url, const char *file);

/* Why sockets have left: the reasons that on_disconnect is told, in the order of
 * sio_server_stats.disconnects; the last is "other". Borrowed, static; NULL: no such index. */
#define SIO_DISCONNECT_REASONS 12
SIO_EXTERN const char *sio_disconnect_reason(unsigned index);

/* Counters and levels, all of them 0 at first. What is called "now" is a level; all others only
 * grow. metrics.h hands them out by name. */
typedef struct sio_server_stats {
    uint64_t clients;           /* connected now */
    uint64_t clients_websocket; /* of these, by WebSocket */
    uint64_t sockets;           /* connected now, all namespaces */
    uint64_t namespaces;        /* there now */
    uint64_t rooms; /* with members here now, without the one that each socket has of its own id */
    uint64_t handshakes;
    uint64_t handshakes_websocket;                /* of these, by WebSocket from the beginning */
    uint64_t upgrades;                            /* from polling to WebSocket */
    uint64_t never_joined;                        /* clients closed for connect_timeout_ms */
    uint64_t refused_requests[6];                 /* by sio_engine_error (http.h) */
    uint64_t refused_by_middleware;               /* connections to namespaces */
    uint64_t refused_names;                       /* the same, of names that no namespace has */
    uint64_t disconnects[SIO_DISCONNECT_REASONS]; /* sockets, by reason */
    uint64_t messages_in; /* of Engine.IO: an event, or one of its attachments */
    uint64_t events_in;
    uint64_t acks_in;
    uint64_t bytes_in;            /* read from connections, all that HTTP and WebSocket add
                                     included */
    uint64_t messages_out;        /* frames queued for clients */
    uint64_t events_out;          /* queued, for each of their receivers */
    uint64_t bytes_out;           /* handed to the kernel */
    uint64_t deliveries;          /* of events_out: those of broadcasts */
    uint64_t dropped_closed;      /* messages that waited for clients that ended */
    uint64_t broadcasts;          /* encoded for clients of this node */
    uint64_t deflated;            /* messages that were deflated, whoever got them */
    uint64_t volatile_lost;       /* not queued for clients that were not ready */
    uint64_t drained;             /* told to go by sio_server_drain */
    uint64_t passed_on;           /* connections, to the process before or after this one */
    uint64_t connections;         /* now: over TCP and unix sockets, of clients and others */
    uint64_t refused_connections; /* for limits.max_connections, or because memory was out */
    uint64_t refused_per_address; /* for limits.max_connections_per_address */
    uint64_t refused_for_rate;    /* for limits.new_connections */
    uint64_t accept_pauses;       /* times that connections waited for descriptors or memory */
    uint64_t long_urls;           /* requests refused for limits.max_url */
    uint64_t many_headers;        /* for limits.max_headers */
    uint64_t long_heads;          /* for limits.max_head */
    uint64_t timed_out;           /* connections cut off by the times of `limits` */
    uint64_t buffered_bytes;      /* that wait for clients, at the end of the last turn */
    uint64_t dropped_messages;    /* by limits.overflow */
    uint64_t rate_exceeded;       /* clients closed for limits.packets or limits.bytes */
    uint64_t overflows; /* clients dropped: more than max_buffered, or another limit exceeded */
    uint64_t dynamic_namespaces; /* children that are there now */
    uint64_t namespaces_refused; /* for max_dynamic_namespaces */
    uint64_t sessions_kept;      /* of clients that may come back, now; the streams adapter's are
                                    Redis's, and its bytes those of events that wait for it */
    uint64_t sessions_restored;  /* of clients that came back */
    uint64_t packets_kept;       /* for those that may come back, now */
    uint64_t recovery_bytes;     /* that both take now */
    uint64_t recovery_dropped; /* of both, before their time: connection_state_recovery.max_bytes */
    sio_cluster_stats cluster;
} sio_server_stats;
SIO_EXTERN void sio_server_stats_get(const sio_server *server, sio_server_stats *out);

/* Changes which lines on_log gets: a server in trouble can be made to talk while it runs. */
SIO_EXTERN void sio_server_log_filter(sio_server *server, const sio_log_filter *filter);

#endif
