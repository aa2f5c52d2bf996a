/* Log lines of the core and of server/net. */
#ifndef SIO_CORE_LOG_H
#define SIO_CORE_LOG_H

#include <sio/server.h>
#include <sio/sys/str.h>

/* What on_log and on_log_record get. Kept at the server. */
typedef struct sio_logger {
    uint8_t levels[SIO_LOG_CATEGORIES]; /* all SIO_LOG_OFF without either */
    sio_log_format format;
    void (*on_record)(sio_server *server, const sio_log_record *record, void *data);
    void (*on_log)(sio_server *server, sio_log_level level, sio_log_category category,
                   const char *text, void *data);
} sio_logger;

/* Sets up to which level it listens. */
void sio_logger_filter(sio_logger *logger, const sio_log_filter *filter);

/* Whom and what a line is about, for on_log_record. NULL, and data NULL: nothing of that kind. */
typedef struct sio_log_subject {
    const sio_client *client;
    const char *address; /* where there is no client */
    sio_str nsp;
    sio_str socket;
    sio_str event;
    const char *method;
    sio_str path;
    const char *state;
} sio_log_subject;

/* Writes the line; for SIO_CORE_LOG_OF. */
void sio_core_write_log_of(sio_server *server, sio_log_level level, sio_log_category category,
                           const sio_log_subject *subject, const char *format, ...)
    SIO_PRINTF(5, 6);

/* Writes the line; for SIO_CORE_LOG. */
void sio_core_write_log(sio_server *server, sio_log_level level, sio_log_category category,
                        const char *format, ...) SIO_PRINTF(4, 5);

/* Keeps the sentence for sio_server_error, logs it as an error, and returns `err`. */
int sio_core_fail(sio_server *server, int err, sio_log_category category, const char *format, ...)
    SIO_PRINTF(4, 5);

/* Logs, if anybody listens: the arguments are evaluated then only. What a peer has sent may stand
 * in it as text ("%.*s"), if it is a name or a number and no payload: control characters go out as
 * spaces. */
#define SIO_CORE_LOG(server, level, category, ...)                                                 \
    do {                                                                                           \
        if ((level) <= (server)->logger.levels[category])                                          \
            sio_core_write_log(server, level, category, __VA_ARGS__);                              \
    } while (0)

/* The same about somebody or something: SIO_LOG_ABOUT(.client = client, .nsp = …). */
#define SIO_CORE_LOG_OF(server, level, category, subject, ...)                                     \
    do {                                                                                           \
        if ((level) <= (server)->logger.levels[category])                                          \
            sio_core_write_log_of(server, level, category, subject, __VA_ARGS__);                  \
    } while (0)

#define SIO_LOG_ABOUT(...) (&(const sio_log_subject){ __VA_ARGS__ })

#endif
