#include <sio/sys/redis.h>

#include "redis/kinds.h"

int sio_redis_adapter_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size)
{
    static const sio_redis_kind_new kinds[] = {
        [SIO_ADAPTER_CLASSIC] = sio_redis_classic_new,
        [SIO_ADAPTER_SHARDED] = sio_redis_sharded_new,
        [SIO_ADAPTER_STREAMS] = sio_redis_streams_new,
    };
    return kinds[options->kind](out, loop, options, host, detail, detail_size);
}
