/* Where a request goes: a file, a session, a new session, or nowhere. */
#ifndef SIO_NET_ROUTER_H
#define SIO_NET_ROUTER_H

#include "net/conn.h"
#include "net/request.h"

/* What the query of an Engine.IO request says. */
typedef struct sio_engine_query {
    int transport; /* sio_eio_transport, or -1: none that is known */
    bool revision4;
    char sid[21]; /* "": a handshake; an id that is too long is cut to "?", which no session has */
} sio_engine_query;

/* The reference's error codes; their texts are part of the protocol. */
typedef enum sio_engine_error {
    SIO_ENGINE_OK = -1,
    SIO_ENGINE_UNKNOWN_TRANSPORT = 0,
    SIO_ENGINE_UNKNOWN_SID = 1,
    SIO_ENGINE_BAD_HANDSHAKE_METHOD = 2,
    SIO_ENGINE_BAD_REQUEST = 3,
    SIO_ENGINE_FORBIDDEN = 4,
    SIO_ENGINE_UNSUPPORTED_PROTOCOL_VERSION = 5
} sio_engine_error;

/* Reads parameter `name` of the URL's query, percent-decoded, the last one if it comes twice.
 * Returns its length, which may exceed what was written (`size` with the NUL), or -1 if there is
 * none. */
int sio_router_param(sio_str url, const char *name, char *out, size_t size);

void sio_router_query(sio_engine_query *out, sio_str url);

/* Answers the request, now or later (a poll). */
void sio_router_serve(sio_conn *conn, sio_request *request);

/* Whether the request may bring a body; its limit is set then. */
bool sio_router_admit(sio_conn *conn, sio_request *request);

/* Refuses as the reference does: JSON for HTTP, a bare text for an upgrade. */
void sio_router_refuse(sio_conn *conn, sio_engine_error error, bool upgrade);

/* What the core keeps of the first request of a session. NULL when memory is out. */
sio_handshake *sio_router_handshake(sio_conn *conn, const sio_request *request);

#endif
