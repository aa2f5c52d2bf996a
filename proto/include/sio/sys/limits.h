/*
 * Every maximum of the library, with its reason. What an application may set is only the default
 * here; the rest is fixed.
 */
#ifndef SIO_SYS_LIMITS_H
#define SIO_SYS_LIMITS_H

/* Nesting of arrays and maps, JSON and MessagePack alike. Deep enough for any document that people
 * write, shallow enough for recursion in 64 KiB of stack. */
#define SIO_LIMIT_DEPTH 128

/* What a message of the cluster may wrap around such a value: most do answers about sockets, with
 * what a client authenticated itself by in its handshake, in a socket, in a list, in an answer, in
 * a message. */
#define SIO_LIMIT_DEPTH_ENVELOPE 5

/* Attachments of one packet: the default of socket.io-parser 4.2, which calls more an attack. */
#define SIO_LIMIT_ATTACHMENTS 10

/* Bytes of a namespace or room name that come from a peer: names are routing keys, not storage. */
#define SIO_LIMIT_NAME 1024

/* One value, string or message: lengths are kept in 32 bits, and nothing useful is near it. */
#define SIO_LIMIT_LENGTH 0x7fffffffu

/* Default of max_payload: `maxHttpBufferSize` of engine.io, advertised to the client as maxPayload.
 */
#define SIO_LIMIT_PAYLOAD 1000000u

/* Default of max_buffered: what a client that is behind may have waiting. Room for 16 of the
 * largest default payloads. */
#define SIO_LIMIT_BUFFERED (16u * 1024 * 1024)

/* What a client that is behind may have waiting for it while max_buffered_total is exceeded: what a
 * socket buffer holds, so that who is only late for a moment is not meant. */
#define SIO_LIMIT_BUFFERED_SHARE 65536u

/* Messages that may stand before the oldest event that is dropped: they are pings and answers. A
 * client with more of them has asked without reading, and looking for events behind them, for each
 * message anew, would cost more than it is worth. */
#define SIO_LIMIT_OVERFLOW_SEARCH 64u

/* Bytes that each waiting message counts for besides its own: what keeping it costs, which for the
 * shortest ones is most. */
#define SIO_LIMIT_MESSAGE_COST 64u

/* Defaults of max_url and max_head: a request's URL, and its names and values with it. What Node.js
 * allows by default. */
#define SIO_LIMIT_HTTP_HEAD 16384u

/* The most of either: places in a head are kept in 16 bits. */
#define SIO_LIMIT_HTTP_HEAD_MOST 65535u

/* Header lines of one request, default and most of max_headers: as in Apache's LimitRequestFields.
 */
#define SIO_LIMIT_HTTP_HEADERS 100

/* Bytes of an Origin header: a scheme, a name of the DNS and a port are shorter. A longer one is
 * allowed nothing. */
#define SIO_LIMIT_ORIGIN 300

/* Bytes of header lines that CORS, a cookie and the application add to an answer: room for each of
 * their lists of SIO_LIMIT_NAME, within what every client and proxy takes. */
#define SIO_LIMIT_ANSWER_HEADERS 5120

/* Default of http_compression_threshold: that of engine.io. Shorter answers fit into one packet
 * anyway. */
#define SIO_LIMIT_COMPRESS_FROM 1024

/* Bytes of an answer to a poll that is compressed: a longer one goes out as it is, since nobody
 * else is served for the 10 ms that it takes. */
#define SIO_LIMIT_HTTP_COMPRESS (1024u * 1024)

/* Default of head_timeout_ms: a head fits into a few packets; slower ones hold a descriptor for
 * nothing. */
#define SIO_LIMIT_HTTP_HEAD_MS 10000

/* Default of body_timeout_ms: a body of SIO_LIMIT_PAYLOAD by a phone at the edge of its network, at
 * 270 kbit a second. */
#define SIO_LIMIT_HTTP_BODY_MS 30000

/* Default of answer_timeout_ms: TCP sends again several times within it, so that nothing taken
 * means that nobody takes. */
#define SIO_LIMIT_HTTP_ANSWER_MS 10000

/* Addresses that are remembered because they have opened connections faster than they may for ever:
 * some 8 MiB. Beyond it those that left first are forgotten, and may open a burst anew. */
#define SIO_LIMIT_ADDRESSES 65536

/* Connections to the listener of metrics at a time: a few that scrape, a few that probe. Whoever
 * holds more ends the oldest, so that none keeps the others out. */
#define SIO_LIMIT_WATCHERS 16

/* Milliseconds between two looks at how late the loop is; and how many of them one stall is counted
 * as, at most: 100 s of it. */
#define SIO_LIMIT_SAMPLE_MS      100
#define SIO_LIMIT_SAMPLES_MISSED 1000

/* Milliseconds between two messages that a node sends to itself through Redis, to know the lag. */
#define SIO_LIMIT_PROBE_MS 1000

/* Seconds after which who was refused may come again (Retry-After): the buckets are never empty for
 * longer than one, and the rest keeps away those who would only be refused again. */
#define SIO_LIMIT_RETRY_AFTER_S 5

/* Connections at a time that are told why they are refused, each for SIO_LIMIT_CLOSE_MS at most. In
 * a flood the others are closed without a word. */
#define SIO_LIMIT_TURNED_AWAY 256

/* Milliseconds a peer has to answer a close frame or take its last bytes. */
#define SIO_LIMIT_CLOSE_MS 1000

/* Default of deadline_ms of a drain: with SIO_LIMIT_CLOSE_MS and some air within the 10 s after
 * which containers are killed. */
#define SIO_LIMIT_DRAIN_MS 8000

/* Default of keep_alive_timeout_ms: that of Node.js. */
#define SIO_LIMIT_KEEP_ALIVE_MS 5000

/* Bytes that are read from a connection at once, into one buffer for all of them: as libuv
 * suggests.
 */
#define SIO_LIMIT_READ 65536

/* Connections that are read from by one call of the kernel: each has 1 KiB of that buffer then,
 * which is more than most have to say. */
#define SIO_LIMIT_INTAKE 64

/* A WebSocket is quiet, and read from before others, while it has said less than so many bytes in
 * so many milliseconds: 64 KB a second are more than people and most devices say. */
#define SIO_LIMIT_QUIET    4096
#define SIO_LIMIT_QUIET_MS 64

/* Bytes that are read from a quiet one at once, and from one of the others, beyond what a message
 * lacks that has begun: what packets of the shortest kind fill serves for 20 us, or 100. */
#define SIO_LIMIT_QUIET_PART  1024
#define SIO_LIMIT_INTAKE_PART 4096

/* Microseconds of a turn that are spent on those that are not quiet, give or take the last of them:
 * so long whoever comes meanwhile waits. Asking the kernel again costs a twentieth of it; where so
 * many wait that it costs more than all of it, they get as long as that takes. */
#define SIO_LIMIT_INTAKE_US 50

/* Bytes of small frames that are copied together for one write: about what a socket takes. */
#define SIO_LIMIT_WRITE 65536

/* Frames longer than this are not copied for a write but pointed to: copying costs more from about
 * a page on. */
#define SIO_LIMIT_COPY 4096

/* Bytes of a message that is deflated for clients that negotiated it: a longer one goes out plain,
 * since deflating it would hold up the loop for more than some 20 ms. */
#define SIO_LIMIT_DEFLATE (1024u * 1024)

/* Writes of a turn that are made by one call of the kernel: twice as many would gain a few per cent
 * of each, and the kernel keeps 80 bytes for one. */
#define SIO_LIMIT_VOLLEY 512

/* Threads that help to send: more of them wait for one another in the kernel. */
#define SIO_LIMIT_SEND_THREADS 8

/* Writes of a turn that they help with: fewer are made before a thread is awake. */
#define SIO_LIMIT_CREW_FROM 64

/* Pieces of one write: more do not make it cheaper, and they lie on the stack. */
#define SIO_LIMIT_IOV 64

/* Bytes of pongs that wait for a peer that does not read: a few of the largest. */
#define SIO_LIMIT_CONTROL 1024

/* Digits of the parameter `j` of JSONP, which counts the engines of a page. */
#define SIO_LIMIT_JSONP_DIGITS 7

/* Bytes of requests that are kept while the one before them is answered; then reading stops. */
#define SIO_LIMIT_PIPELINED 16384

/* Connections that are accepted in one turn of the loop, in 10 us each: the others wait for the
 * next one, behind what clients have said meanwhile. */
#define SIO_LIMIT_ACCEPTS 8

/* Connections that the kernel keeps until they are accepted: it cuts this to net.core.somaxconn,
 * which is whose machine it is to say. One that finds no place comes again a second later. */
#define SIO_LIMIT_BACKLOG 65535

/* The last descriptors of the process are not for clients (an eighth of them, where there are few):
 * the link to Redis comes back by one, and files are read and processes started by others. */
#define SIO_LIMIT_DESCRIPTORS 16

/* Listening sockets that are handed over to the next process: more than anybody has, and what one
 * message of Linux carries. */
#define SIO_LIMIT_HANDOVER 64

/* Default of timeout_ms of a hand-over: the old process answers in its next turn. */
#define SIO_LIMIT_HANDOVER_MS 5000

/* Bytes that have come by a connection which is passed on to another process: a head and what came
 * with it, in one message. */
#define SIO_LIMIT_RELAYED (SIO_LIMIT_HTTP_HEAD_MOST + SIO_LIMIT_READ + 4096)

/* Bytes of connections that wait to be passed on: some 10,000 heads. What comes beyond it is
 * answered by who has it. */
#define SIO_LIMIT_RELAY_QUEUE (4u * 1024 * 1024)

/* Bytes of a file that is served from memory. */
#define SIO_LIMIT_SERVED_FILE (16u * 1024 * 1024)

/* Milliseconds until a connection that found no memory is tried again: others may have freed some.
 */
#define SIO_LIMIT_ACCEPT_RETRY_MS 100

/* Milliseconds between two log lines about the same trouble with accepting. */
#define SIO_LIMIT_LOG_REPEAT_MS 60000

/* Bytes that other threads have posted and the loop has not run yet: some 100,000 short events, a
 * second's worth of what a busy loop takes. */
#define SIO_LIMIT_POSTED (32u * 1024 * 1024)

/* Bytes of publishes that wait while Redis is away; the oldest are kept, later ones counted and
 * dropped. */
#define SIO_LIMIT_REDIS_QUEUE (64u * 1024 * 1024)

/* Bytes of publishes that Redis has not answered yet: enough to keep the link busy, and the most
 * that is lost when it breaks. The rest waits in the queue. */
#define SIO_LIMIT_REDIS_WINDOW (1024u * 1024)

/* Bytes that are read from one connection to Redis in one turn of the loop. A node that reads less
 * than it publishes, and gets back, is cut off by Redis (client-output-buffer-limit pubsub). */
#define SIO_LIMIT_REDIS_READ (2 * SIO_LIMIT_REDIS_WINDOW)

/* Commands to Redis that are not answered yet, publishes aside. Each waits for milliseconds, and
 * holds a request of the application. */
#define SIO_LIMIT_REDIS_COMMANDS 4096

/* Channels in one SUBSCRIBE: as many as hold up Redis, and the messages of others, for less than
 * a millisecond. Beyond SIO_LIMIT_REDIS_WINDOW bytes of unconfirmed channels the rest waits, for
 * Redis disconnects who does not read its confirmations. */
#define SIO_LIMIT_REDIS_SUBSCRIBE 256

/* Milliseconds between two pings to Redis. One that is unanswered for SIO_LIMIT_REDIS_CONNECT_MS
 * means that the link is dead. */
#define SIO_LIMIT_REDIS_PING_MS 10000

/* Requests of other nodes that are answered at the same time: each waits for clients, and keeps a
 * few hundred bytes. */
#define SIO_LIMIT_ANSWERERS 10000

/* Channels of rooms that one node subscribes to, where it does so: some 30 MiB here and 60 MiB in
 * Redis. */
#define SIO_LIMIT_CHANNELS 262144

/* SIO_SUBSCRIBE_AUTO: milliseconds over which it counts, long enough for a burst not to decide;
 * messages in that time below which nothing is to be gained; and percent of these that must be for
 * rooms that nobody here is in. */
#define SIO_LIMIT_BALANCE_WINDOW_MS    5000
#define SIO_LIMIT_BALANCE_LEAST        500
#define SIO_LIMIT_BALANCE_IDLE_PERCENT 75

/* Bytes of the path of a unix socket: what sockaddr_un of Linux takes, without the NUL. */
#define SIO_LIMIT_UNIX_PATH 107

/* Milliseconds for which Redis may hold back its answer to XREAD: the pings that wait behind it
 * must come back within SIO_LIMIT_REDIS_CONNECT_MS. */
#define SIO_LIMIT_STREAM_BLOCK_MS 4000

/* Bytes of entries of a stream that are asked for at once, by the size of those that came before:
 * they are in memory together until they have been handed out. */
#define SIO_LIMIT_STREAM_READ (8u * 1024 * 1024)

/* Bytes of broadcasts that wait for their place in the stream before this node's clients get them,
 * and milliseconds for which the first of them does: longer than any Redis that is well takes, and
 * short for who waits. Beyond either they go out without an offset. When the time is over what
 * Redis has said is read for a moment more: it may be the node that stood still. */
#define SIO_LIMIT_OWED         (8u * 1024 * 1024)
#define SIO_LIMIT_OWED_MS      1000
#define SIO_LIMIT_OWED_LAST_MS 50

/* Bytes of entries that a client may have missed, and commands by which they are read: it begins
 * anew beyond either. The server allows max_buffered for each client besides. */
#define SIO_LIMIT_MISSED        (8u * 1024 * 1024)
#define SIO_LIMIT_MISSED_ROUNDS 1000

/* Milliseconds for which a client that comes back waits until this node has read what it would get
 * twice otherwise, or not at all. It begins anew beyond. */
#define SIO_LIMIT_AHEAD_MS 3000

/* Bytes that wait, for all clients together, for what this node owes them: what is owed is
 * delivered beyond it. */
#define SIO_LIMIT_ORDER (8u * 1024 * 1024)

/* Sentinels in a URL: more than five are rarely run. */
#define SIO_LIMIT_REDIS_SENTINELS 16

/* Milliseconds for one sentinel to say where the master is, before the next is asked: the one on
 * the machine that has died with the master must not cost more than the fail-over. */
#define SIO_LIMIT_REDIS_SENTINEL_MS 1000

/* Bytes of a password in a file: what ACL GENPASS makes is 64 long. */
#define SIO_LIMIT_REDIS_PASSWORD 4096

/* Masters of a Redis Cluster that a node is linked to: as many as Redis itself is made for. */
#define SIO_LIMIT_REDIS_MASTERS 1000

/* Milliseconds between two questions who has what in a Redis Cluster, while it is changing: Redis
 * takes some seconds for a fail-over, and one answer costs it less than a millisecond. */
#define SIO_LIMIT_REDIS_VIEW_MS 100

/* The same after it has said that it is down: each time all its channels are tried anew. */
#define SIO_LIMIT_REDIS_DOWN_MS 1000

/* First and greatest delay of a reconnect to Redis, milliseconds. Doubled in between, with jitter.
 */
#define SIO_LIMIT_REDIS_RETRY_MIN_MS 50
#define SIO_LIMIT_REDIS_RETRY_MAX_MS 5000

/* Bytes of one message that an emitter publishes: beyond 32 MiB waiting for a subscriber Redis, as
 * it comes, disconnects it (client-output-buffer-limit pubsub), and the subscribers are the nodes.
 */
#define SIO_LIMIT_PUBLISH (32u * 1024 * 1024 - 1024)

/* Commands of an emitter's batch that are written and not answered: more, and the answers are read
 * before more is written. Redis keeps what nobody reads, and they are in doubt when the connection
 * is lost. */
#define SIO_LIMIT_EMITTER_FLYING 16384

/* Bytes of a reply to an emitter, which are numbers, OK and errors of one line. */
#define SIO_LIMIT_REDIS_REPLY 65536u

/* Milliseconds for TCP connect, AUTH and SELECT together. */
#define SIO_LIMIT_REDIS_CONNECT_MS 5000

/* Default of max_namespaces_per_client: each costs a socket. */
#define SIO_LIMIT_CLIENT_NAMESPACES 100

/* Default of max_dynamic_namespaces: clients choose their names. Each costs about a kilobyte and
 * its name, and in a cluster a pattern that Redis compares with every message which is published.
 */
#define SIO_LIMIT_DYNAMIC_NAMESPACES 10000

/* Default of connection_state_recovery.max_bytes: some 100,000 packets of ordinary size. What is
 * kept beyond it would be for clients that most of all never return. */
#define SIO_LIMIT_RECOVERY (64u * 1024 * 1024)

/* Milliseconds by which kept sessions and packets outlive their time, so that they go in batches.
 */
#define SIO_LIMIT_RECOVERY_BATCH_MS 1000

/* Bytes of a CONNECT packet: what it carries is kept as long as the socket, and is a token, not
 * storage. */
#define SIO_LIMIT_CONNECT 65536u

/* Parameters in the query of a Socket.IO 2 client's CONNECT packet, and in that of a handshake's
 * map: as in querystring of Node.js. */
#define SIO_LIMIT_QUERY 1000

/* Bytes of events of one socket that middlewares have not answered yet: as much as a client may
 * have waiting in the other direction. */
#define SIO_LIMIT_HELD (16u * 1024 * 1024)

/* Default of max_pending_acks: what a client never answers must not pile up. */
#define SIO_LIMIT_PENDING_ACKS 10000

/* Questions that one node has open: each waits for a time-out that the application chooses. */
#define SIO_LIMIT_QUESTIONS 10000

/* Bytes that the answers to all open questions of one node take: a list of some 50,000 sockets.
 * What other nodes say must not take all memory. */
#define SIO_LIMIT_ANSWERS (64u * 1024 * 1024)

/* Questions of other nodes that wait for an answer of this one; what comes beyond is not served. */
#define SIO_LIMIT_SERVICES 10000

#endif
