/* One HTTP request, out of bytes that come cut anywhere. No I/O: llhttp and memory with limits. */
#ifndef SIO_NET_REQUEST_H
#define SIO_NET_REQUEST_H

#include <llhttp.h>
#include <stdbool.h>
#include <stdint.h>

#include <sio/sys/buf.h>
#include <sio/sys/limits.h>
#include <sio/sys/str.h>

#include "core/handshake.h"
#include "core/list.h"

typedef enum sio_request_stage {
    SIO_REQUEST_HEAD,  /* more is needed */
    SIO_REQUEST_ADMIT, /* the head is there: set `limit`, then feed on, even if nothing is left */
    SIO_REQUEST_BODY,  /* more is needed */
    SIO_REQUEST_COMPLETE, /* all is there; what was not used belongs to what follows */
    SIO_REQUEST_BAD       /* answer `status` and close */
} sio_request_stage;

typedef struct sio_request_field { /* positions in `head` */
    uint16_t name;
    uint16_t name_len;
    uint16_t value;
    uint16_t value_len;
} sio_request_field;

typedef struct sio_request {
    llhttp_t parser;
    sio_buf head; /* the URL, then names and values */
    sio_buf body;
    sio_buf backlog; /* bytes that came before the previous request was answered */
    sio_buf raw;     /* the head as it came, if `noted` */
    size_t limit;    /* of the body */
    unsigned status; /* when it is bad: 400, 413, 414 or 431; or its body is not taken: 400 */
    uint16_t url_len;
    uint16_t url_most; /* what is allowed; the defaults at first */
    uint16_t head_most;
    uint16_t count_most;
    uint16_t count;
    uint8_t stage; /* sio_request_stage */
    bool in_value;
    bool crowded; /* it is bad for its number of header lines */
    bool noted;   /* it may have to be passed on to another process */
    bool keep_alive;
    bool posting; /* the session `sid` counts this as its POST under way */
    char sid[21];
    sio_request_field fields[SIO_LIMIT_HTTP_HEADERS];
} sio_request;

/* NULL when memory is out. */
sio_request *sio_request_new(void);
void sio_request_free(sio_request *request);

/* Feeds bytes and returns how many were used: all of them, or up to where the stage changed. */
size_t sio_request_feed(sio_request *request, const char *data, size_t len);

sio_str sio_request_url(const sio_request *request);
bool sio_request_is(const sio_request *request, llhttp_method_t method);

/* Whether it asks for another protocol. */
bool sio_request_is_upgrade(const sio_request *request);

/* Whether its head announces a body. */
bool sio_request_has_body(const sio_request *request);

/* The first header of that name (lower case); data NULL if there is none. Borrowed. */
sio_str sio_request_header(const sio_request *request, const char *name);

/* Writes all headers to `out`, which has room for SIO_LIMIT_HTTP_HEADERS. Returns their number.
 * Borrowed. */
size_t sio_request_headers(const sio_request *request, sio_handshake_header *out);

#endif
