/*
 * A hash map from byte strings to objects that hold their own key. Open addressing, keyed
 * SipHash-1-3, so that peers who choose names cannot choose collisions. 16 bytes a slot; deletion
 * leaves no tombstones.
 */
#ifndef SIO_SYS_MAP_H
#define SIO_SYS_MAP_H

#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/str.h>

typedef sio_str (*sio_map_key)(const void *object);

typedef struct sio_map {
    sio_map_key key;
    uint64_t seed[2];
    struct sio_map_slot *slots;
    uint32_t count;
    uint32_t cap; /* 0 or a power of two */
} sio_map;

/* `seed`: 16 random bytes, the same for the life of the map. No memory is taken before the first
 * insert. */
SIO_EXTERN void sio_map_init(sio_map *map, sio_map_key key, const uint64_t seed[2]);
SIO_EXTERN void *sio_map_get(const sio_map *map, sio_str key);

/* The key must not be in the map yet. SIO_ENOMEM, or 0. */
SIO_EXTERN SIO_MUST_USE int sio_map_insert(sio_map *map, void *object);

/* Takes the object with that key out and returns it; NULL if there is none. */
SIO_EXTERN void *sio_map_remove(sio_map *map, sio_str key);

/* Walks all objects in no order: start with *at 0; NULL at the end. The map must not change
 * meanwhile. */
SIO_EXTERN void *sio_map_next(const sio_map *map, size_t *at);

/* Frees the slots, not the objects. */
SIO_EXTERN void sio_map_free(sio_map *map);

#endif
