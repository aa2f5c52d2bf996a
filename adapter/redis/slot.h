/* Where Redis Cluster keeps a key, or a shard channel. */
#ifndef SIO_REDIS_SLOT_H
#define SIO_REDIS_SLOT_H

#include <stdint.h>

#include <sio/sys/str.h>

#define SIO_REDIS_SLOTS 16384

/* CRC16 of the key, or of what stands in its first braces if that is not empty. */
uint16_t sio_redis_slot(sio_str key);

#endif
