#include "core/limits.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

static void fill(uint32_t *field, uint32_t standard)
{
    if (*field == 0)
        *field = standard;
}

static const char *objection(const sio_limit_options *given)
{
    const uint32_t times[] = { given->head_timeout_ms, given->body_timeout_ms,
                               given->answer_timeout_ms, given->keep_alive_timeout_ms,
                               given->message_timeout_ms };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        if (times[i] > INT32_MAX)
            return "limits has a time above 2147483647";
    if (given->max_url > SIO_LIMIT_HTTP_HEAD_MOST || given->max_head > SIO_LIMIT_HTTP_HEAD_MOST)
        return "limits has a max_url or max_head above 65535";
    if (given->max_headers > SIO_LIMIT_HTTP_HEADERS)
        return "limits.max_headers is above 100";
    if (given->new_connections.burst && !given->new_connections.per_second)
        return "limits.new_connections has a burst but no per_second";
    if (given->packets.burst && !given->packets.per_second)
        return "limits.packets has a burst but no per_second";
    if (given->bytes.burst && !given->bytes.per_second)
        return "limits.bytes has a burst but no per_second";
    if ((unsigned)given->overflow > SIO_OVERFLOW_DROP_OLDEST)
        return "limits.overflow is no SIO_OVERFLOW_…";
    return NULL;
}

int sio_limits_resolve(sio_limit_options *out, const sio_limit_options *given, const char **why)
{
    if ((*why = objection(given)))
        return SIO_EINVAL;
    *out = *given;
    fill(&out->new_connections.burst, out->new_connections.per_second);
    fill(&out->packets.burst, out->packets.per_second);
    fill(&out->bytes.burst, out->bytes.per_second);
    fill(&out->max_namespaces_per_client, SIO_LIMIT_CLIENT_NAMESPACES);
    fill(&out->max_pending_acks, SIO_LIMIT_PENDING_ACKS);
    fill(&out->max_url, SIO_LIMIT_HTTP_HEAD);
    fill(&out->max_headers, SIO_LIMIT_HTTP_HEADERS);
    fill(&out->max_head, SIO_LIMIT_HTTP_HEAD);
    fill(&out->head_timeout_ms, SIO_LIMIT_HTTP_HEAD_MS);
    fill(&out->body_timeout_ms, SIO_LIMIT_HTTP_BODY_MS);
    fill(&out->answer_timeout_ms, SIO_LIMIT_HTTP_ANSWER_MS);
    fill(&out->keep_alive_timeout_ms, SIO_LIMIT_KEEP_ALIVE_MS);
    return 0;
}
