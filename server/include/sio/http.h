/*
 * What an application may decide about requests over HTTP: which pages may ask, who is let in, and
 * what answers say besides. All of it is set by sio_server_options.
 */
#ifndef SIO_HTTP_H
#define SIO_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/extern.h>

/* ---- a request, as callbacks see it ---- */

typedef struct sio_http_request sio_http_request;

/* Borrowed for as long as the callback has the request; NULL if absent. `name` of a header in lower
 * case. */
SIO_EXTERN const char *sio_http_request_method(const sio_http_request *request);
SIO_EXTERN const char *sio_http_request_url(const sio_http_request *request);
SIO_EXTERN const char *sio_http_request_header(const sio_http_request *request, const char *name);
SIO_EXTERN const char *sio_http_request_query(const sio_http_request *request, const char *name);
SIO_EXTERN const char *sio_http_request_address(const sio_http_request *request);

/* Whether it came over TLS, to this server or as the outermost of trusted_proxies says it did; and
 * the subject of the client's certificate, as sio_socket_subject. */
SIO_EXTERN bool sio_http_request_secure(const sio_http_request *request);
SIO_EXTERN const char *sio_http_request_subject(const sio_http_request *request);

/* ---- CORS: pages of other origins ---- */

/* Off unless there are `origins` or `allows`; answers are those of the cors package. Strings are
 * copied. */
typedef struct sio_cors_options {
    /*
     * NULL-terminated. "*" alone: every page, and no cookies of its users. "https://example.org":
     * exactly this one. With one `*` within: a pattern, where `*` stands for one or more letters,
     * digits, hyphens and dots; one without "://" is for http and https: "*.example.org",
     * "http://localhost:*". Mind the dot: "*example.org" is "notexample.org" too.
     */
    const char *const *origins;
    /* In place of `origins`: decides for each request. `origin` is NULL when it names none. */
    bool (*allows)(const char *origin, void *data);
    bool credentials;            /* pages may send cookies and read the answers */
    const char *methods;         /* "GET,HEAD,PUT,PATCH,POST,DELETE" */
    const char *allowed_headers; /* "a,b"; NULL: whatever a preflight request asks for */
    const char *exposed_headers; /* "a,b"; NULL: none */
    int32_t max_age_s;           /* of a preflight's answer; 0: not said, -1: do not keep it */
    /* Browsers ask nobody before a page opens a WebSocket, or reads JSONP, with its user's cookies:
     * with this, pages of other origins than those that are allowed get 403 (not so in socket.io).
     * A page of the host that it asks is let in, and so is who names no origin, which is no
     * browser. JSONP never names one, and is always refused. Needs a list or `allows`, and no "*".
     */
    bool check_origin;
} sio_cors_options;

/* .cors = { .origins = SIO_ORIGINS("https://example.org") } */
#define SIO_ORIGINS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* ---- a cookie with the session's id, for load balancers ---- */

typedef enum sio_same_site {
    SIO_SAME_SITE_LAX,
    SIO_SAME_SITE_STRICT,
    SIO_SAME_SITE_NONE,
    SIO_SAME_SITE_OMITTED
} sio_same_site;

/* Off unless there is a `name`; set by the first answer of a session by polling. Strings are
 * copied. */
typedef struct sio_cookie_options {
    const char *name;
    const char *path;   /* "/" */
    const char *domain; /* NULL: that of the request */
    int64_t max_age_s;  /* 0: until the browser is closed */
    sio_same_site same_site;
    bool secure;       /* by HTTPS only */
    bool no_http_only; /* true: scripts see it */
} sio_cookie_options;

/* ---- who is let in ---- */

/*
 * The answer to allow_request, to be given once, now or later. Both functions end `admission`, and
 * the request with it. When the client goes away meanwhile, the answer is ignored; none may come
 * after the server has been freed.
 */
typedef struct sio_admission sio_admission;
SIO_EXTERN void sio_admission_allow(sio_admission *admission);
/* With 403 and `message`; NULL: "Forbidden". */
SIO_EXTERN void sio_admission_refuse(sio_admission *admission, const char *message);

/* What generate_id writes into, with its NUL. */
#define SIO_SESSION_ID_SIZE 21

/* ---- headers of answers ---- */

typedef struct sio_headers sio_headers;

/* One line more. SIO_EINVAL: no name or value of a header, or one that is the server's own business
 * (Content-Length, -Type and -Encoding, Transfer-Encoding, Trailer, Connection, Keep-Alive,
 * Upgrade, Date, Sec-WebSocket-…); SIO_ELIMIT: more than SIO_LIMIT_ANSWER_HEADERS bytes in all;
 * SIO_ENOMEM.
 */
SIO_EXTERN SIO_MUST_USE int sio_headers_add(sio_headers *headers, const char *name,
                                            const char *value);

/* The same in place of all lines of that name, those that CORS has put there included. On an error
 * nothing has changed. Cache-Control takes the place of the "no-store" of polls. */
SIO_EXTERN SIO_MUST_USE int sio_headers_set(sio_headers *headers, const char *name,
                                            const char *value);

/* ---- requests that were refused ---- */

/* The codes of the protocol. */
typedef enum sio_engine_error {
    SIO_ENGINE_OK = -1,
    SIO_ENGINE_UNKNOWN_TRANSPORT = 0,
    SIO_ENGINE_UNKNOWN_SID = 1,
    SIO_ENGINE_BAD_HANDSHAKE_METHOD = 2,
    SIO_ENGINE_BAD_REQUEST = 3,
    SIO_ENGINE_FORBIDDEN = 4,
    SIO_ENGINE_UNSUPPORTED_PROTOCOL_VERSION = 5
} sio_engine_error;

/* All of it is borrowed for the call. */
typedef struct sio_connection_error {
    const sio_http_request *request; /* NULL when memory is out */
    sio_engine_error code;
    const char *message; /* of the code: "Session ID unknown" */
    /* What exactly was wrong with a bad request, in the reference's words ("TRANSPORT_MISMATCH",
     * "PROTOCOL_MISMATCH", "TRANSPORT_HANDSHAKE_ERROR", "ID_GENERATION_ERROR"); of a forbidden one
     * the message of sio_admission_refuse; else NULL. */
    const char *context;
} sio_connection_error;

#endif
