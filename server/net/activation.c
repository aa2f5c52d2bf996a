#include "net/activation.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <sio/err.h>

#define FIRST 3 /* SD_LISTEN_FDS_START */

/* Decimal, nothing before or behind. */
static bool read_number(const char *text, long max, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno && *out <= max;
}

int sio_activation_read(sio_activation *out)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    long process, descriptors;
    *out = (sio_activation){ .first = FIRST, .names = getenv("LISTEN_FDNAMES") };
    if (!pid || !count)
        return 0;
    if (!read_number(pid, LONG_MAX, &process))
        return SIO_EPARSE;
    if (process != (long)getpid()) /* a parent's, which has left them in the environment */
        return 0;
    if (!read_number(count, INT_MAX - FIRST, &descriptors))
        return SIO_EPARSE;
    out->count = (int)descriptors;
    return 0;
}

bool sio_activation_is(const sio_activation *activation, int index, const char *name)
{
    const char *at = activation->names ? activation->names : "";
    if (!name)
        return true;
    while (index-- > 0 && *at) {
        at += strcspn(at, ":");
        at += *at == ':';
    }
    return strlen(name) == strcspn(at, ":") && memcmp(at, name, strlen(name)) == 0;
}
