#include "core/reason.h"

#include <string.h>

static const char *const reasons[SIO_DISCONNECT_REASONS] = {
    "transport close",
    "transport error",
    "ping timeout",
    "parse error",
    "forced close",
    "forced server close",
    "client namespace disconnect",
    "server namespace disconnect",
    "server shutting down",
    "buffer overflow",
    "rate limit exceeded",
    "other",
};

const char *sio_disconnect_reason(unsigned index)
{
    return index < SIO_DISCONNECT_REASONS ? reasons[index] : NULL;
}

void sio_reason_count(sio_server_stats *stats, const char *reason)
{
    size_t index = 0;
    while (index < SIO_DISCONNECT_REASONS - 1 && strcmp(reasons[index], reason) != 0)
        index++;
    stats->disconnects[index]++;
}
