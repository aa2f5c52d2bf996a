/* What the readers of a URL of Redis share. */
#ifndef SIO_URL_INSIDE_H
#define SIO_URL_INSIDE_H

#include <sio/sys/redis_url.h>

/* What went wrong; the texts never quote the URL, for it may hold a password. */
typedef const char *sio_complaint;

/* Where a complaint is composed that is more than a constant. The names of all parameters fit. */
typedef struct sio_complaint_note {
    char text[256];
} sio_complaint_note;

/* What a URL leads to. */
typedef enum sio_url_kind {
    SIO_URL_TCP = 1,
    SIO_URL_UNIX = 2,
    SIO_URL_TLS = 4,
    SIO_URL_SENTINEL = 8,
    SIO_URL_CLUSTER = 16,
    SIO_URL_ALL = SIO_URL_TCP | SIO_URL_UNIX | SIO_URL_SENTINEL | SIO_URL_CLUSTER
} sio_url_kind;

/* A decimal number of digits only, at most `max`. */
bool sio_url_number(const char *text, int max, int *out);

/* Decodes %XX in place; false: it is a percent sign without two digits, or a NUL. */
bool sio_url_unescape(char *text);
extern const char sio_url_bad_escape[];

/* What follows the question mark; NULL: nothing does. It is cut into pieces, to which the URL
 * points. */
sio_complaint sio_url_query(sio_redis_url *url, sio_url_kind kind, char *query,
                            sio_complaint_note *note);

#endif
