#include "redis/probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What is older was not sent by this process: somebody plays with the channel. */
#define OLDEST_NS (UINT64_C(3600) * 1000000000)

void sio_probe_send(sio_redis_base *base, sio_str channel)
{
    char text[SIO_PROBE_SIZE + 1];
    if (!channel.data || base->stopping)
        return;
    snprintf(text, sizeof text, SIO_PROBE_MARK "%016" PRIx64, uv_hrtime());
    (void)sio_redis_base_publish(base, channel, (sio_str){ text, SIO_PROBE_SIZE });
}

void sio_probe_tell(const sio_redis_base *base, uint64_t sent_ns)
{
    const sio_adapter_host *host = sio_redis_base_host(base);
    const uint64_t now = uv_hrtime();
    if (host->lag && !base->stopping && sent_ns <= now && now - sent_ns < OLDEST_NS)
        host->lag(host->data, now - sent_ns);
}

void sio_probe_arrived(const sio_redis_base *base, sio_str payload)
{
    char digits[SIO_PROBE_SIZE + 1], *end;
    memcpy(digits, payload.data, SIO_PROBE_SIZE);
    digits[SIO_PROBE_SIZE] = '\0';
    const uint64_t sent_ns = strtoull(digits + sizeof(SIO_PROBE_MARK) - 1, &end, 16);
    if (*end == '\0')
        sio_probe_tell(base, sent_ns);
}
