/* The query of a request's URL. */
#ifndef SIO_NET_QUERY_H
#define SIO_NET_QUERY_H

#include <sio/sys/eio.h>
#include <sio/sys/str.h>

/* What the query of an Engine.IO request says. */
typedef struct sio_engine_query {
    int transport; /* sio_eio_transport, or -1: none that is known */
    sio_eio_dialect dialect;
    char sid[21]; /* "": a handshake; an id that is too long is cut to "?", which no session has */
} sio_engine_query;

/* Reads parameter `name` of the URL's query, percent-decoded, the last one if it comes twice.
 * Returns its length, which may exceed what was written (`size` with the NUL), or -1 if there is
 * none. */
int sio_query_param(sio_str url, const char *name, char *out, size_t size);

void sio_query_read(sio_engine_query *out, sio_str url);

#endif
