/*
 * Engine.IO: packets and polling payloads of revision 4 (sio/sys/eio3.h has those of revision 3),
 * and the state machine of one session.
 * https://github.com/socketio/engine.io-protocol
 */
#ifndef SIO_SYS_EIO_H
#define SIO_SYS_EIO_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/buf.h>
#include <sio/sys/str.h>

typedef enum sio_eio_type {
    SIO_EIO_OPEN = '0',
    SIO_EIO_CLOSE = '1',
    SIO_EIO_PING = '2',
    SIO_EIO_PONG = '3',
    SIO_EIO_MESSAGE = '4',
    SIO_EIO_UPGRADE = '5',
    SIO_EIO_NOOP = '6'
} sio_eio_type;

typedef struct sio_eio_packet {
    sio_eio_type type;
    bool binary;  /* a message of bytes; data is raw */
    sio_str data; /* borrowed from the input */
} sio_eio_packet;

/* One packet of text, as a WebSocket text message holds it ("4hello"). `b` and base64 is a message
 * of bytes, here as in a payload; it is decoded in place, hence not const. SIO_EPARSE: no such
 * type, or empty. */
SIO_EXTERN SIO_MUST_USE int sio_eio_packet_read(sio_eio_packet *out, char *text, size_t len);

/* ---- polling payload: packets of text, or `b` and base64, separated by 0x1e ---- */

#define SIO_EIO_SEPARATOR '\x1e'

/* Walks a payload. Start with `at` 0. Returns 1 with a packet, 0 at the end, SIO_EPARSE for a
 * packet that is malformed (the walk is over then). An empty payload is malformed. */
typedef struct sio_eio_payload {
    char *data;
    size_t len;
    size_t at;
} sio_eio_payload;
SIO_EXTERN SIO_MUST_USE int sio_eio_payload_next(sio_eio_payload *payload, sio_eio_packet *out);

/* ---- session ---- */

/* Why a session ended, with the reference's words, and two of our own (sio_eio_reason_text). */
#define SIO_EIO_REASON_MAP(XX)                                                                     \
    XX(NONE, "")                                                                                   \
    XX(TRANSPORT_CLOSE, "transport close")                                                         \
    XX(TRANSPORT_ERROR, "transport error")                                                         \
    XX(PARSE_ERROR, "parse error")                                                                 \
    XX(PING_TIMEOUT, "ping timeout")                                                               \
    XX(FORCED_CLOSE, "forced close")                                                               \
    XX(BUFFER_OVERFLOW, "buffer overflow")                                                         \
    XX(RATE_LIMIT, "rate limit exceeded")

typedef enum sio_eio_reason {
#define XX(name, text) SIO_EIO_##name,
    SIO_EIO_REASON_MAP(XX)
#undef XX
} sio_eio_reason;

/* In the words of the reference. Static. */
SIO_EXTERN const char *sio_eio_reason_text(sio_eio_reason reason);

typedef enum sio_eio_transport { SIO_EIO_POLLING, SIO_EIO_WEBSOCKET } sio_eio_transport;

/* How a client's packets are written. */
typedef enum sio_eio_dialect {
    SIO_EIO_4,
    SIO_EIO_3,
    SIO_EIO_3_BASE64 /* revision 3, bytes in polling payloads only as base64 */
} sio_eio_dialect;

typedef struct sio_eio_config {
    uint32_t ping_interval_ms;
    uint32_t ping_timeout_ms;
    uint32_t upgrade_timeout_ms;
    uint32_t max_payload;
    bool allow_upgrades; /* and websocket is among the transports */
} sio_eio_config;

typedef enum sio_eio_state { SIO_EIO_STATE_OPEN, SIO_EIO_STATE_CLOSED } sio_eio_state;

/* 8 bytes, inside each client. Time and I/O are the owner's: it calls _tick when a deadline has
 * passed. */
typedef struct sio_eio_session {
    uint8_t state;     /* sio_eio_state */
    uint8_t transport; /* sio_eio_transport */
    uint8_t reason;    /* sio_eio_reason, once closed */
    uint8_t waiting_pong : 1;
    uint8_t refreshed : 1; /* this ping timeout has been extended once by another packet */
    uint8_t upgrading : 1; /* a probe is under way */
    uint8_t upgraded : 1;
    uint8_t dialect : 2; /* sio_eio_dialect */
} sio_eio_session;

/* What the owner has to do now. */
typedef enum sio_eio_action {
    SIO_EIO_DO_NOTHING,
    SIO_EIO_DO_MESSAGE,   /* hand packet.data on */
    SIO_EIO_DO_SEND_PING, /* and set the deadline to ping_timeout */
    SIO_EIO_DO_SEND_PONG, /* revision 3: and set the deadline to ping_interval + ping_timeout */
    SIO_EIO_DO_AWAIT_INTERVAL,            /* a pong came: set the deadline to ping_interval */
    SIO_EIO_DO_AWAIT_TIMEOUT,             /* set the deadline to ping_timeout again */
    SIO_EIO_DO_AWAIT_TIMEOUT_AND_MESSAGE, /* both of the above */
    SIO_EIO_DO_SEND_PROBE_PONG, /* on the new transport: "3probe"; a waiting poll gets a noop */
    SIO_EIO_DO_UPGRADE,         /* the new transport is the transport from now on */
    SIO_EIO_DO_CLOSE_PROBE,     /* close the new transport, the session goes on */
    SIO_EIO_DO_CLOSE            /* the session is over for session.reason */
} sio_eio_action;

/* Its first deadline is ping_interval, in revision 3 ping_interval + ping_timeout: there the client
 * sends the pings. */
SIO_EXTERN void sio_eio_session_init(sio_eio_session *session, sio_eio_transport transport,
                                     sio_eio_dialect dialect);

/* Appends the data of the open packet: {"sid":…,"upgrades":[…],…}. */
SIO_EXTERN void sio_eio_session_open_data(const sio_eio_session *session,
                                          const sio_eio_config *config, sio_str sid, sio_buf *out);

/* A packet on the session's transport. */
SIO_EXTERN SIO_MUST_USE sio_eio_action sio_eio_session_packet(sio_eio_session *session,
                                                              const sio_eio_packet *packet);

/* What came was no packet: closes for "parse error". */
SIO_EXTERN SIO_MUST_USE sio_eio_action sio_eio_session_malformed(sio_eio_session *session);

/* The deadline (interval or timeout) has passed. */
SIO_EXTERN SIO_MUST_USE sio_eio_action sio_eio_session_tick(sio_eio_session *session);

/* A second transport wants to take over: 0, or SIO_EEXISTS when one is under way or done,
 * SIO_ECLOSED. */
SIO_EXTERN SIO_MUST_USE int sio_eio_session_probe(sio_eio_session *session);

/* A packet on the probing transport; and its end, for whatever reason (what was no packet at all is
 * one). */
SIO_EXTERN SIO_MUST_USE sio_eio_action sio_eio_session_probe_packet(sio_eio_session *session,
                                                                    const sio_eio_packet *packet);
SIO_EXTERN void sio_eio_session_probe_end(sio_eio_session *session);

/* The transport ended or failed, or the server wants the end: returns true the first time only,
 * with session->reason set. */
SIO_EXTERN bool sio_eio_session_close(sio_eio_session *session, sio_eio_reason reason);

#endif
