#include "net/accept.h"

#include <strings.h>

#include "net/quality.h"

static bool is(sio_str text, const char *name)
{
    return text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0;
}

static int better(int a, int b)
{
    return a > b ? a : b;
}

bool sio_accept_open_metrics(sio_str accept)
{
    int open = 0, plain = 0;
    while (accept.len > 0) {
        sio_str parameters = sio_quality_split(&accept, ',');
        const sio_str type = sio_quality_split(&parameters, ';');
        const int quality = sio_quality_of(parameters);
        if (is(type, "application/openmetrics-text"))
            open = better(open, quality);
        else if (is(type, "text/plain"))
            plain = better(plain, quality);
    }
    return open > 0 && open >= plain;
}
