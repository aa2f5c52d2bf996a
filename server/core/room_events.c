#include "core/room_events.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/namespace.h"

/* Kept at the namespace while its application listens. */
struct sio_room_listener {
    sio_room_events events;
    void *data;
};

/* A change that the application has not been told of. */
struct heard {
    sio_list node;      /* in server->heard */
    sio_namespace *nsp; /* shared */
    bool joined;
    bool edge;
    const char *id; /* behind the room's name in `text` */
    char text[];
};

static void keep(sio_namespace *nsp, const sio_member *member, sio_str room, bool joined, bool edge)
{
    sio_server *server = nsp->server;
    const sio_str id = sio_member_id(member);
    struct heard *heard = sio_mem_zalloc(sizeof(*heard) + room.len + 1 + id.len + 1);
    if (!heard) {
        SIO_CORE_LOG(server, SIO_LOG_ERROR, SIO_LOG_SOCKET, "out of memory: a room event is lost");
        return;
    }
    heard->nsp = sio_namespace_ref(nsp);
    heard->joined = joined;
    heard->edge = edge;
    heard->id = heard->text + room.len + 1;
    if (room.len)
        memcpy(heard->text, room.data, room.len);
    memcpy(heard->text + room.len + 1, id.data, id.len);
    sio_list_push(&server->heard, &heard->node);
    sio_core_wake(server);
}

static void on_change(const sio_member *member, sio_str room, bool joined, bool edge, void *data)
{
    sio_namespace *nsp = data;
    sio_adapter *adapter = nsp->server->adapter;
    if (edge && adapter && adapter->ops->room)
        adapter->ops->room(adapter, sio_namespace_str(nsp), room, joined);
    if (nsp->room_listener)
        keep(nsp, member, room, joined, edge);
}

void sio_room_events_watch(sio_namespace *nsp)
{
    const sio_adapter *adapter = nsp->server->adapter;
    const bool wanted = nsp->room_listener || (adapter && adapter->ops->room);
    sio_rooms_watch(nsp->rooms, wanted ? on_change : NULL, nsp);
}

int sio_namespace_on_rooms(sio_namespace *nsp, const sio_room_events *events, void *data)
{
    struct sio_room_listener *listener = NULL;
    if (events) {
        listener = sio_mem_alloc(sizeof(*listener));
        if (!listener)
            return SIO_ENOMEM;
        *listener = (struct sio_room_listener){ .events = *events, .data = data };
    }
    sio_mem_free(nsp->room_listener);
    nsp->room_listener = listener;
    sio_room_events_watch(nsp);
    return 0;
}

/* A callback may change who listens: `listener` is a copy. */
static void tell_joined(const struct sio_room_listener *listener, const struct heard *heard)
{
    if (heard->edge && listener->events.created)
        listener->events.created(heard->nsp, heard->text, listener->data);
    if (listener->events.joined)
        listener->events.joined(heard->nsp, heard->text, heard->id, listener->data);
}

static void tell_left(const struct sio_room_listener *listener, const struct heard *heard)
{
    if (listener->events.left)
        listener->events.left(heard->nsp, heard->text, heard->id, listener->data);
    if (heard->edge && listener->events.deleted)
        listener->events.deleted(heard->nsp, heard->text, listener->data);
}

static void tell(const struct heard *heard)
{
    if (!heard->nsp->room_listener)
        return;
    const struct sio_room_listener listener = *heard->nsp->room_listener;
    if (heard->joined)
        tell_joined(&listener, heard);
    else
        tell_left(&listener, heard);
}

static void drop(struct heard *heard)
{
    sio_namespace_unref(heard->nsp);
    sio_mem_free(heard);
}

void sio_room_events_tell(sio_server *server)
{
    const sio_list *last = server->heard.prev;
    sio_core_enter(server);
    for (bool more = !sio_list_empty(&server->heard); more;) {
        sio_list *node = sio_list_pop(&server->heard);
        struct heard *heard = SIO_CONTAINER(node, struct heard, node);
        more = node != last;
        tell(heard);
        drop(heard);
    }
    sio_core_leave(server);
}

void sio_room_events_drop_all(sio_server *server)
{
    sio_list *node;
    while ((node = sio_list_pop(&server->heard)))
        drop(SIO_CONTAINER(node, struct heard, node));
}
