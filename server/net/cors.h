/* Cross-origin resource sharing: the `cors` option. */
#ifndef SIO_NET_CORS_H
#define SIO_NET_CORS_H

#include "net/headers.h"
#include "net/request.h"

typedef struct sio_cors {
    char **origins; /* NULL-terminated; NULL: any, if `on` */
    bool on;
    bool (*allows)(const char *origin, void *data);
    void *data;
    bool credentials;
    bool check_origin;
    int32_t max_age_s;
    char *methods;
    char *allowed_headers;
    char *exposed_headers;
} sio_cors;

/* Zeroed memory if it is off. `data` is handed to options->allows. SIO_EINVAL: `*why` is a
 * sentence; SIO_ENOMEM. */
int sio_cors_init(sio_cors *cors, const sio_cors_options *options, void *data, const char **why);
void sio_cors_free(sio_cors *cors);

/* Whether `origin` is what an entry of the list stands for. */
bool sio_cors_matches(const char *entry, sio_str origin);

/* Whether a page of that origin may open a WebSocket here, as check_origin has it. */
bool sio_cors_lets_in(const sio_cors *cors, const sio_request *request);

/* Adds what the answer to this request says. Returns 1 when the request is a preflight that is
 * answered by that alone (204), 0 when it is to be served. Errors as for sio_headers_add. */
int sio_cors_put(const sio_cors *cors, const sio_request *request, sio_headers *out);

#endif
