/*
 * What the server says of itself: lines with a level and a category, handed to on_log of
 * sio_server_options. Without on_log it is silent, and a line that nobody wants costs one branch.
 *
 * Lines name sessions, addresses, events and sizes. They never hold what clients or handlers send,
 * what a CONNECT packet carries, headers, or the password of a URL.
 */
#ifndef SIO_LOG_H
#define SIO_LOG_H

#include <stdint.h>

#include <sio/extern.h>

/* A line has one of ERROR to TRACE; the two before are for filters. */
typedef enum sio_log_level {
    SIO_LOG_DEFAULT, /* SIO_LOG_INFO */
    SIO_LOG_OFF,
    SIO_LOG_ERROR, /* something that was asked for was not done */
    SIO_LOG_WARN,  /* somebody should look */
    SIO_LOG_INFO,  /* a few lines in the life of a server */
    SIO_LOG_DEBUG, /* a few lines in the life of each client */
    SIO_LOG_TRACE  /* each packet */
} sio_log_level;

typedef enum sio_log_category {
    SIO_LOG_SERVER, /* "server": its beginning and its end */
    SIO_LOG_NET,    /* "net": listening and connections */
    SIO_LOG_HTTP,   /* "http": requests, and why they were refused */
    SIO_LOG_ENGINE, /* "engine": sessions, their transports and heartbeats */
    SIO_LOG_SOCKET, /* "socket": who joins and leaves namespaces and why; packets */
    SIO_LOG_ADAPTER /* "adapter": the cluster */
} sio_log_category;

#define SIO_LOG_CATEGORIES 6

/* Up to which level each category is heard; { 0 } is SIO_LOG_INFO for all. */
typedef struct sio_log_filter {
    uint8_t levels[SIO_LOG_CATEGORIES];
} sio_log_filter;

/*
 * Reads what people write into an environment variable:
 *
 *   engine,adapter            these in full detail (debug), the others as by default
 *   socket:trace,http:off     each to the level that stands behind it
 *   *:error,adapter           all of them first; later ones win
 *
 * NULL and "" are the default. SIO_EINVAL: a word is no category, or no level.
 *
 *   if (sio_log_filter_parse(&options.log, getenv("SIO_LOG"))) …
 */
SIO_EXTERN SIO_MUST_USE int sio_log_filter_parse(sio_log_filter *out, const char *text);

/* "error", "engine". Borrowed, static; "unknown" for a number that is none. */
SIO_EXTERN const char *sio_log_level_name(sio_log_level level);
SIO_EXTERN const char *sio_log_category_name(sio_log_category category);

#endif
