#include "cluster/protocol.h"

#include "cluster/classic.h"
#include "cluster/sharded.h"

/* A function must not be called by another type than its own, so each has one that may. */
#define PROTOCOL(kind)                                                                             \
    static void kind##_stop(void *part)                                                            \
    {                                                                                              \
        sio_##kind##_stop(part);                                                                   \
    }                                                                                              \
    static void kind##_free(void *part)                                                            \
    {                                                                                              \
        sio_##kind##_free(part);                                                                   \
    }                                                                                              \
    static int kind##_open(void *part, sio_str nsp)                                                \
    {                                                                                              \
        return sio_##kind##_open(part, nsp);                                                       \
    }                                                                                              \
    static void kind##_close(void *part, sio_str nsp)                                              \
    {                                                                                              \
        sio_##kind##_close(part, nsp);                                                             \
    }                                                                                              \
    static int kind##_broadcast(void *part, const sio_cluster_message *message)                    \
    {                                                                                              \
        return sio_##kind##_broadcast(part, message);                                              \
    }                                                                                              \
    static int kind##_tell(void *part, const sio_cluster_request *request)                         \
    {                                                                                              \
        return sio_##kind##_tell(part, request);                                                   \
    }                                                                                              \
    static int kind##_ask(void *part, const sio_cluster_request *request, sio_asker *asker)        \
    {                                                                                              \
        return sio_##kind##_ask(part, request, asker);                                             \
    }                                                                                              \
    static void kind##_forget(void *part, const sio_asker *asker)                                  \
    {                                                                                              \
        sio_##kind##_forget(part, asker);                                                          \
    }                                                                                              \
    static void kind##_room(void *part, sio_str nsp, sio_str room, bool present, uint64_t now)     \
    {                                                                                              \
        sio_##kind##_room(part, nsp, room, present, now);                                          \
    }                                                                                              \
    static sio_str kind##_own(const void *part)                                                    \
    {                                                                                              \
        return sio_##kind##_own(part);                                                             \
    }                                                                                              \
    static void kind##_stats(const void *part, sio_cluster_stats *out)                             \
    {                                                                                              \
        const sio_##kind *self = part;                                                             \
        *out = self->stats;                                                                        \
        out->channels = self->channels;                                                            \
    }                                                                                              \
    static void kind##_ready(void *part, bool ready, uint64_t now)                                 \
    {                                                                                              \
        sio_##kind##_ready(part, ready, now);                                                      \
    }                                                                                              \
    static void kind##_counted(void *part, sio_inquiry *inquiry, int err, uint64_t subscribers)    \
    {                                                                                              \
        sio_##kind##_counted(part, inquiry, err, subscribers);                                     \
    }                                                                                              \
    const sio_protocol sio_##kind##_protocol = {                                                   \
        .stop = kind##_stop,                                                                       \
        .free = kind##_free,                                                                       \
        .open = kind##_open,                                                                       \
        .close = kind##_close,                                                                     \
        .broadcast = kind##_broadcast,                                                             \
        .tell = kind##_tell,                                                                       \
        .ask = kind##_ask,                                                                         \
        .forget = kind##_forget,                                                                   \
        .room = kind##_room,                                                                       \
        .own = kind##_own,                                                                         \
        .stats = kind##_stats,                                                                     \
        .ready = kind##_ready,                                                                     \
        .counted = kind##_counted,                                                                 \
    }

PROTOCOL(classic);
PROTOCOL(sharded);
