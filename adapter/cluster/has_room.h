/* Whether somebody here is meant, as the host knows it. */
#ifndef SIO_CLUSTER_HAS_ROOM_H
#define SIO_CLUSTER_HAS_ROOM_H

#include <sio/sys/adapter.h>

/* Whether one of the rooms has members here; none means everyone. */
static inline bool sio_host_has_any(const sio_adapter_host *host, sio_str nsp, const sio_str *rooms,
                                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (host->has_room(host->data, nsp, rooms[i]))
            return true;
    return count == 0;
}

#endif
