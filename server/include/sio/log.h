/*
 * What the server says of itself: lines with a level and a category, handed to on_log of
 * sio_server_options. Without on_log it is silent, and a line that nobody wants costs one branch.
 *
 * Lines name sessions, addresses, events and sizes. They never hold what clients or handlers send,
 * what a CONNECT packet carries, headers, or the password of a URL.
 */
#ifndef SIO_LOG_H
#define SIO_LOG_H

#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>

typedef struct sio_server sio_server;

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

/* ---- lines for machines ---- */

/* How a line is written: for people; as key=value, with quotes where they are needed; or as an
 * object of JSON. */
typedef enum sio_log_format { SIO_LOG_TEXT, SIO_LOG_LOGFMT, SIO_LOG_JSON } sio_log_format;

/* "text", "logfmt" or "json"; NULL and "" are the first. SIO_EINVAL: another word.
 *
 *   if (sio_log_format_parse(&options.log_format, getenv("SIO_LOG_FORMAT"))) … */
SIO_EXTERN SIO_MUST_USE int sio_log_format_parse(sio_log_format *out, const char *text);

/* What a line is about: "client" (six characters of the session's id), "transport", "address",
 * "namespace", "socket", "event", "method", "path", "state". */
typedef struct sio_log_field {
    const char *name;
    const char *value; /* as it came: it may hold anything but a NUL */
} sio_log_field;

#define SIO_LOG_FIELDS 8 /* at most */

/* A line and what is known besides. All is borrowed for the call. */
typedef struct sio_log_record {
    int64_t time_us; /* since 1970 */
    sio_log_level level;
    sio_log_category category;
    const char *text; /* what on_log gets */
    const sio_log_field *fields;
    size_t field_count;
    sio_log_format format; /* the server's log_format, for whoever writes it */
} sio_log_record;

/* Bytes that any line has room in, with its line feed and a NUL. */
#define SIO_LOG_LINE_SIZE 8192

/* Writes the line with its line feed and a NUL; its length without the NUL. What is no UTF-8
 * becomes U+FFFD, control characters are escaped or become blanks, and what is too long is cut, so
 * that every line is one line, and each of SIO_LOG_JSON an object of JSON. */
SIO_EXTERN size_t sio_log_line(char out[SIO_LOG_LINE_SIZE], sio_log_format format,
                               const sio_log_record *record);

/* An on_log_record that writes each line to standard error, in the form of log_format and by one
 * write up to PIPE_BUF bytes, and never waits: what cannot be written at once, as where nobody
 * reads a pipe or the disk is full, is lost, and the next line that can be says how many were.
 *
 *   options.on_log_record = sio_log_stderr; */
SIO_EXTERN void sio_log_stderr(sio_server *server, const sio_log_record *record, void *data);

/* "error", "engine". Borrowed, static; "unknown" for a number that is none. */
SIO_EXTERN const char *sio_log_level_name(sio_log_level level);
SIO_EXTERN const char *sio_log_category_name(sio_log_category category);

#endif
