/* Log lines of the core and of server/net. */
#ifndef SIO_CORE_LOG_H
#define SIO_CORE_LOG_H

#include <stdbool.h>

#include <sio/server.h>

/* What on_log gets. Kept at the server. */
typedef struct sio_logger {
    uint8_t levels[SIO_LOG_CATEGORIES]; /* all SIO_LOG_OFF without on_log */
    void (*on_log)(sio_server *server, sio_log_level level, sio_log_category category,
                   const char *text, void *data);
} sio_logger;

/* Sets up to which level it listens. */
void sio_logger_filter(sio_logger *logger, const sio_log_filter *filter);

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

#endif
