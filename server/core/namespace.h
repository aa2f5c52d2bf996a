/* A namespace from inside. */
#ifndef SIO_CORE_NAMESPACE_H
#define SIO_CORE_NAMESPACE_H

#include <sio/namespace.h>
#include <sio/sys/rooms.h>

#include "core/listeners.h"
#include "core/server.h"

typedef struct sio_middleware {
    sio_middleware_cb callback;
    void *data;
} sio_middleware;

struct sio_namespace {
    sio_server *server;
    sio_rooms *rooms;
    sio_listeners *listeners;
    sio_middleware *middlewares;
    uint32_t middleware_count;
    uint32_t connected; /* sockets; the room index also has those that joined in a middleware */
    sio_connection_cb on_connection;
    void *on_connection_data;
    sio_disconnect_cb on_disconnect;
    void *on_disconnect_data;
    sio_map replies; /* acknowledgements that clients owe, by their ids */
    uint64_t next_reply;
    uint32_t question_count; /* of the application, to several clients or nodes */
    struct sio_server_side_listener *server_side;
    struct sio_room_listener *room_listener;
    uint32_t name_len;
    char name[];
};

/* The key of the server's map. */
sio_str sio_namespace_key(const void *nsp);

static inline sio_str sio_namespace_str(const sio_namespace *nsp)
{
    return (sio_str){ nsp->name, nsp->name_len };
}

/* A new namespace of that name, in the server's map and opened on its adapter; NULL on failure. */
sio_namespace *sio_namespace_new(sio_server *server, sio_str name);
void sio_namespace_free(sio_namespace *nsp);

#endif
