/*
 * The connection under the sockets of one client: socket.client and socket.conn of JavaScript, the
 * Socket of Engine.IO. It has one session over polling or a WebSocket, and carries what its sockets
 * in all namespaces say.
 *
 * A client is borrowed until its `close` event has been told, or until the last of its sockets has
 * disconnected.
 */
#ifndef SIO_CLIENT_H
#define SIO_CLIENT_H

#include <sio/server.h>
#include <sio/socket.h>

/* That of a socket; NULL for one that was kept after its disconnection. */
SIO_EXTERN sio_client *sio_socket_client(const sio_socket *socket);

/* Borrowed. */
SIO_EXTERN sio_server *sio_client_server(const sio_client *client);

/* The id of the session: a secret between it and the server. Borrowed. */
SIO_EXTERN const char *sio_client_id(const sio_client *client);

/* "polling" or "websocket"; the revision of Engine.IO, 4 or 3. */
SIO_EXTERN const char *sio_client_transport(const sio_client *client);
SIO_EXTERN int sio_client_protocol(const sio_client *client);

/* "open"; "closing": takes nothing more, but what is queued still goes out; "closed". */
SIO_EXTERN const char *sio_client_state(const sio_client *client);

/* Bytes that wait to be sent, each message counting for 64 more than it has (max_buffered). */
SIO_EXTERN size_t sio_client_buffered(const sio_client *client);

/* Of its first request, as socket.h has it. Borrowed. */
SIO_EXTERN const char *sio_client_address(const sio_client *client);
SIO_EXTERN bool sio_client_secure(const sio_client *client);
SIO_EXTERN const char *sio_client_url(const sio_client *client);
SIO_EXTERN const char *sio_client_header(const sio_client *client, const char *name);
SIO_EXTERN const char *sio_client_query(const sio_client *client, const char *name);

/* Sends a message of Engine.IO, which is no packet of Socket.IO: for peers that do not speak that.
 * Copied; text must be UTF-8. SIO_ECLOSED, SIO_EUTF8, SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN int sio_client_send(sio_client *client, const void *data, size_t length, bool binary);

/* Ends the connection once what is queued has been sent: its sockets disconnect now, for "forced
 * close". */
SIO_EXTERN void sio_client_close(sio_client *client);
/* The same without what is queued: close(true) of JavaScript. */
SIO_EXTERN void sio_client_discard(sio_client *client);

/* ---- events ---- */

typedef enum sio_engine_type {
    SIO_ENGINE_OPEN = '0',
    SIO_ENGINE_CLOSE = '1',
    SIO_ENGINE_PING = '2',
    SIO_ENGINE_PONG = '3',
    SIO_ENGINE_MESSAGE = '4',
    SIO_ENGINE_UPGRADE = '5',
    SIO_ENGINE_NOOP = '6'
} sio_engine_type;

/* Borrowed for the call, without a NUL. */
typedef struct sio_engine_packet {
    sio_engine_type type;
    bool binary;
    const char *data;
    size_t length;
} sio_engine_packet;

/* Each may be NULL, and may do anything. */
typedef struct sio_client_events {
    /* A packet has come, and nothing has been done with it. */
    void (*packet)(sio_client *client, const sio_engine_packet *packet, void *data);
    /* The same for a message. True: it is served, and no packet of Socket.IO. */
    bool (*data)(sio_client *client, const sio_engine_packet *packet, void *data);
    /* A packet has been queued; one of a broadcast when it has been queued for everyone. */
    void (*packet_create)(sio_client *client, const sio_engine_packet *packet, void *data);
    /* So many packets (attachments not counted) are about to be written. */
    void (*flush)(sio_client *client, size_t packets, void *data);
    /* The transport has taken all that was queued. What is emitted here is written in the same turn
     * of the loop, until the peer takes no more. */
    void (*drain)(sio_client *client, void *data);
    /* A WebSocket asks to take over from polling; it has taken over. */
    void (*upgrading)(sio_client *client, void *data);
    void (*upgrade)(sio_client *client, void *data);
    /* It has shown that it lives: a pong, or with revision 3 a ping, has come. */
    void (*heartbeat)(sio_client *client, void *data);
    /* It is over, and its sockets have been told. "transport close", "transport error", "ping
     * timeout", "parse error", "forced close". `description`: what the server had against it, or
     * NULL. */
    void (*close)(sio_client *client, const char *reason, const char *description, void *data);
} sio_client_events;

/* Has them told; copied. One set: a later call replaces it, NULL takes it away. SIO_ECLOSED,
 * SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_client_on(sio_client *client, const sio_client_events *events,
                                          void *data);

#endif
