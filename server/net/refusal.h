/* Requests that the engine does not serve: what they are told, and what the application is. */
#ifndef SIO_NET_REFUSAL_H
#define SIO_NET_REFUSAL_H

#include <sio/http.h>

#include "net/conn.h"

typedef struct sio_refusal {
    sio_engine_error code; /* SIO_ENGINE_OK: it is served */
    const char *context;   /* as in sio_connection_error */
    unsigned status;       /* 0: that of the reference */
} sio_refusal;

/* Answers as the reference does: JSON for HTTP, a bare text for an upgrade. */
void sio_refusal_answer(sio_conn *conn, const sio_request *request, sio_refusal why, bool upgrade);

#endif
