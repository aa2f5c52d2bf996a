/* Where a request goes: a file, a session, a new session, or nowhere. */
#ifndef SIO_NET_ROUTER_H
#define SIO_NET_ROUTER_H

#include "net/conn.h"
#include "net/request.h"

/* What the query of an Engine.IO request says. */
typedef struct sio_engine_query {
    int transport; /* sio_eio_transport, or -1: none that is known */
    sio_eio_dialect dialect;
    char sid[21]; /* "": a handshake; an id that is too long is cut to "?", which no session has */
} sio_engine_query;

/* Reads parameter `name` of the URL's query, percent-decoded, the last one if it comes twice.
 * Returns its length, which may exceed what was written (`size` with the NUL), or -1 if there is
 * none. */
int sio_router_param(sio_str url, const char *name, char *out, size_t size);

void sio_router_query(sio_engine_query *out, sio_str url);

/* Answers the request, now or later (a poll). Takes it over. */
void sio_router_serve(sio_conn *conn, sio_request *request);

/* The application lets the request in that opens a session, or not: `message` may be NULL. Both
 * take it over. */
void sio_router_admitted(sio_conn *conn, sio_request *request);
void sio_router_refused(sio_conn *conn, sio_request *request, const char *message);

/* Whether the request may bring a body; its limit is set then. */
bool sio_router_admit(sio_conn *conn, sio_request *request);

/* What the core keeps of the first request of a session. NULL when memory is out. */
sio_handshake *sio_router_handshake(sio_conn *conn, const sio_request *request);

#endif
