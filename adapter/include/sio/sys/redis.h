/* The adapters over Redis, compatible with @socket.io/redis-adapter and
 * @socket.io/redis-streams-adapter: hiredis on a libuv loop. */
#ifndef SIO_SYS_REDIS_H
#define SIO_SYS_REDIS_H

#include <sio/sys/adapter.h>

struct uv_loop_s;

#define SIO_CLUSTER_REQUEST_TIMEOUT_MS 5000

typedef struct sio_redis_options {
    const char *url; /* redis_url.h has its forms */
    const char *key; /* channel prefix; NULL means SIO_CLUSTER_KEY */
    sio_adapter_kind kind;
    sio_redis_subscribe subscribe;  /* CLASSIC */
    bool specific_response_channel; /* CLASSIC: answers go to the channel of the node that asked */
    sio_sharded_mode mode;          /* SHARDED */
    sio_streams_options streams;    /* STREAMS */
    uint32_t recovery_ms; /* STREAMS: how long a session waits for its client; 0: none does */
    uint32_t request_timeout_ms; /* how long other nodes are believed to wait, where they do not
                                    say it; 0 means SIO_CLUSTER_REQUEST_TIMEOUT_MS */
} sio_redis_options;

/* A new adapter that connects as soon as the loop runs, and again whenever the link is lost. `host`
 * is copied. Errors: SIO_EURL and SIO_EACCESS, a file that it names cannot be
 * used (`detail`, 128 bytes or more if not NULL, gets a sentence), SIO_ENOMEM, SIO_ESYSTEM. */
SIO_EXTERN SIO_MUST_USE int sio_redis_adapter_new(sio_adapter **out, struct uv_loop_s *loop,
                                                  const sio_redis_options *options,
                                                  const sio_adapter_host *host, char *detail,
                                                  size_t detail_size);

#endif
