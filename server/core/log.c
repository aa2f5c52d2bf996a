#include "core/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sio/sys/text.h>

#include "core/client.h"

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
        const bool heard = logger->on_log || logger->on_record;
        logger->levels[i] = !heard ? SIO_LOG_OFF : level == SIO_LOG_DEFAULT ? SIO_LOG_INFO : level;
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

/* ---- what a line is about ---- */

#define VALUE_SIZE 128

/* The fields of a record, and copies of what is not a text of C. */
typedef struct details {
    sio_log_field fields[SIO_LOG_FIELDS];
    size_t count;
    char values[4][VALUE_SIZE];
    size_t used;
} details;

static void add(details *out, const char *name, const char *value)
{
    assert(out->count < SIO_LOG_FIELDS);
    if (value && *value)
        out->fields[out->count++] = (sio_log_field){ name, value };
}

/* A text of C ends at a NUL that a peer has put into its name, and what is too long is cut. */
static void add_copy(details *out, const char *name, sio_str value)
{
    if (!value.data || out->used == sizeof(out->values) / sizeof(out->values[0]))
        return;
    char *copy = out->values[out->used++];
    const bool cut = value.len >= VALUE_SIZE;
    const size_t len = cut ? VALUE_SIZE - 1 : value.len;
    memcpy(copy, value.data, len);
    copy[len] = '\0';
    if (cut)
        end_whole(copy);
    add(out, name, copy);
}

static void add_client(details *out, const sio_client *client)
{
    const bool websocket = client->session.transport == SIO_EIO_WEBSOCKET;
    add_copy(out, "client", (sio_str){ client->sid, strnlen(client->sid, SIO_CLIENT_TAG_LENGTH) });
    add(out, "transport", websocket ? "websocket" : "polling");
    add(out, "address", sio_handshake_address(client->handshake));
}

/* A query may hold what only the application is to know. */
static sio_str before_query(sio_str text)
{
    const char *query = text.len ? memchr(text.data, '?', text.len) : NULL;
    return query ? (sio_str){ text.data, (size_t)(query - text.data) } : text;
}

static void describe(details *out, const sio_log_subject *subject)
{
    if (subject->client)
        add_client(out, subject->client);
    else
        add(out, "address", subject->address);
    add_copy(out, "namespace", before_query(subject->nsp));
    add_copy(out, "socket", subject->socket);
    add_copy(out, "event", subject->event);
    add(out, "method", subject->method);
    add_copy(out, "path", before_query(subject->path));
    add(out, "state", subject->state);
}

/* ---- writing ---- */

static void hand_out(sio_server *server, sio_log_level level, sio_log_category category,
                     const char *text, const sio_log_subject *subject)
{
    const sio_logger *logger = &server->logger;
    details more = { .count = 0 };
    sio_core_enter(server);
    if (logger->on_log)
        logger->on_log(server, level, category, text, server->data);
    if (logger->on_record) {
        if (subject)
            describe(&more, subject);
        const sio_log_record record = {
            .time_us = server->net_ops->wall ? server->net_ops->wall(server->net) : 0,
            .level = level,
            .category = category,
            .text = text,
            .fields = more.fields,
            .field_count = more.count,
            .format = logger->format,
        };
        logger->on_record(server, &record, server->data);
    }
    sio_core_leave(server);
}

void sio_core_write_log(sio_server *server, sio_log_level level, sio_log_category category,
                        const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    write_line(text, sizeof(text), format, arguments);
    va_end(arguments);
    hand_out(server, level, category, text, NULL);
}

void sio_core_write_log_of(sio_server *server, sio_log_level level, sio_log_category category,
                           const sio_log_subject *subject, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    write_line(text, sizeof(text), format, arguments);
    va_end(arguments);
    hand_out(server, level, category, text, subject);
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
