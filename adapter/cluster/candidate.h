/* The namespaces that a channel may belong to: several may, for names may hold `#`. */
#ifndef SIO_CLUSTER_CANDIDATE_H
#define SIO_CLUSTER_CANDIDATE_H

#include <sio/sys/map.h>

/* Where the name of a namespace begins in each channel. */
static inline size_t sio_candidate_start(const char *key)
{
    return strlen(key) + 1;
}

/* The next namespace of `names` whose name, of at most `longest` bytes, stands between `start` and
 * a `#` at or after `*at`, which moves behind that; NULL at the end. */
void *sio_candidate_next(const sio_map *names, size_t longest, sio_str channel, size_t start,
                         size_t *at);

#endif
