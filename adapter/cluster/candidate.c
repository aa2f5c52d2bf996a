#include "cluster/candidate.h"

void *sio_candidate_next(const sio_map *names, size_t longest, sio_str channel, size_t start,
                         size_t *at)
{
    for (size_t i = *at; i < channel.len && i - start <= longest; i++) {
        if (channel.data[i] != '#')
            continue;
        void *found = sio_map_get(names, (sio_str){ channel.data + start, i - start });
        *at = i + 1;
        if (found)
            return found;
    }
    return NULL;
}
