#include "cluster/warnings.h"

#include <stdio.h>

#include <sio/err.h>

#define QUIET_MS 60000

void sio_warn(sio_warnings *warnings, sio_warning kind, uint64_t now, const char *format, ...)
{
    bool given = warnings->last[kind].given;
    if (given && now - warnings->last[kind].at < QUIET_MS)
        return;
    warnings->last[kind].given = true;
    warnings->last[kind].at = now;
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    warnings->host->warn(warnings->host->data, text);
}

/* Whoever publishes chooses the channel: what is no plain character does not reach the log. */
static void printable(char *out, size_t size, sio_str text)
{
    size_t len = text.len < size ? text.len : size - 1;
    for (size_t i = 0; i < len; i++)
        out[i] = text.data[i] >= ' ' && text.data[i] < 0x7f ? text.data[i] : '?';
    out[len] = '\0';
}

void sio_warn_dropped(sio_warnings *warnings, uint64_t now, int err, sio_str channel)
{
    char name[100];
    printable(name, sizeof name, channel);
    if (err == SIO_ENOMEM)
        sio_warn(warnings, SIO_WARNING_MEMORY, now, "out of memory: dropped a message from Redis");
    else
        sio_warn(warnings, SIO_WARNING_MALFORMED, now,
                 "dropped a message from Redis channel %s: %s", name, sio_err_message(err));
}
