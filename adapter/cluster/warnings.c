#include "cluster/warnings.h"

#include <stdio.h>

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
