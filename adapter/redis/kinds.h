/* The adapters that there are over Redis: each as sio_redis_adapter_new. */
#ifndef SIO_REDIS_KINDS_H
#define SIO_REDIS_KINDS_H

#include <sio/sys/redis.h>

typedef int (*sio_redis_kind_new)(sio_adapter **out, struct uv_loop_s *loop,
                                  const sio_redis_options *options, const sio_adapter_host *host,
                                  char *detail, size_t detail_size);

int sio_redis_classic_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size);
int sio_redis_sharded_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size);
int sio_redis_streams_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size);

#endif
