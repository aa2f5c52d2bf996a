/* A namespace from inside. */
#ifndef SIO_CORE_NAMESPACE_H
#define SIO_CORE_NAMESPACE_H

#include <sio/namespace.h>
#include <sio/sys/rooms.h>

#include "core/listeners.h"
#include "core/server.h"
#include "core/taps.h"

typedef struct sio_middleware {
    sio_middleware_cb callback;
    void *data;
} sio_middleware;

struct sio_namespace {
    sio_server *server;
    uint32_t refs;             /* the server's, and one of each socket object */
    uint32_t present;          /* sockets that have not left: those that middlewares have, too */
    bool deserted;             /* empty, but somebody may come back */
    bool closed;               /* kept sockets have it, and nobody else */
    sio_namespace *parent;     /* of a child; its handlers hold here too, and run first */
    struct sio_family *family; /* of a parent */
    sio_list brother;          /* of a child: among its parent's */
    sio_list vacant;           /* in server->vacant */
    sio_rooms *rooms;
    sio_listeners *listeners;
    sio_middleware *middlewares;
    uint32_t middleware_count;
    sio_taps taps;
    uint32_t watched;   /* sockets with listeners of their own to what goes out */
    uint32_t connected; /* sockets; the room index also has those that joined in a middleware */
    sio_connection_cb on_connection;
    void *on_connection_data;
    sio_disconnect_cb on_disconnect;
    void *on_disconnect_data;
    sio_map replies; /* acknowledgements that clients owe, by their ids */
    uint64_t next_reply;
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

/* A new namespace with one reference, which nobody finds yet; NULL when memory is out. */
sio_namespace *sio_namespace_new(sio_server *server, sio_str name);

/* One reference more, one less: a socket that the application keeps holds its namespace. */
sio_namespace *sio_namespace_ref(sio_namespace *nsp);
void sio_namespace_unref(sio_namespace *nsp);

/* The same, and it is in the server's map and on its adapter; and out of both again. */
sio_namespace *sio_namespace_open(sio_server *server, sio_str name);
void sio_namespace_close(sio_namespace *nsp);

/* Whether it can be asked, and told what to do with its sockets: SIO_EINVAL, it is a parent;
 * SIO_ECLOSED. */
int sio_namespace_check(const sio_namespace *nsp);

/* Tells the application that it is there. */
void sio_namespace_announce(sio_namespace *nsp);

#endif
