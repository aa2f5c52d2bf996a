#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sio/sys/text.h>

#include "core/server.h"

static const char *const level_names[] = {
    [SIO_LOG_DEFAULT] = "default", [SIO_LOG_OFF] = "off",   [SIO_LOG_ERROR] = "error",
    [SIO_LOG_WARN] = "warn",       [SIO_LOG_INFO] = "info", [SIO_LOG_DEBUG] = "debug",
    [SIO_LOG_TRACE] = "trace",
};
static const char *const category_names[SIO_LOG_CATEGORIES] = {
    [SIO_LOG_SERVER] = "server", [SIO_LOG_NET] = "net",       [SIO_LOG_HTTP] = "http",
    [SIO_LOG_ENGINE] = "engine", [SIO_LOG_SOCKET] = "socket", [SIO_LOG_ADAPTER] = "adapter",
};

const char *sio_log_level_name(sio_log_level level)
{
    return (unsigned)level <= SIO_LOG_TRACE ? level_names[level] : "unknown";
}

const char *sio_log_category_name(sio_log_category category)
{
    return (unsigned)category < SIO_LOG_CATEGORIES ? category_names[category] : "unknown";
}

void sio_logger_filter(sio_logger *logger, const sio_log_filter *filter)
{
    for (size_t i = 0; i < SIO_LOG_CATEGORIES; i++) {
        const uint8_t level = filter->levels[i];
        logger->levels[i] = !logger->on_log            ? SIO_LOG_OFF
                            : level == SIO_LOG_DEFAULT ? SIO_LOG_INFO
                                                       : level;
    }
}

/* A name of a peer's must not make a second line, or move the cursor of a terminal. */
static void make_one_line(char *text)
{
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
}

/* What has been cut off within a letter ends before it. */
static void end_whole(char *text)
{
    size_t len = strlen(text);
    for (int i = 0; i < 3 && len > 0 && !sio_utf8_valid(text, len); i++)
        len--;
    text[len] = '\0';
}

SIO_PRINTF(3, 0)
static void write_line(char *out, size_t size, const char *format, va_list arguments)
{
    if (vsnprintf(out, size, format, arguments) >= (int)size)
        end_whole(out);
    make_one_line(out);
}

void sio_core_write_log(sio_server *server, sio_log_level level, sio_log_category category,
                        const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    write_line(text, sizeof(text), format, arguments);
    va_end(arguments);
    sio_core_enter(server);
    server->logger.on_log(server, level, category, text, server->data);
    sio_core_leave(server);
}

int sio_core_fail(sio_server *server, int err, sio_log_category category, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(server->error, sizeof(server->error), format, arguments);
    va_end(arguments);
    SIO_CORE_LOG(server, SIO_LOG_ERROR, category, "%s", server->error);
    return err;
}

const char *sio_server_error(const sio_server *server)
{
    return server->error;
}
