#include "core/listeners.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>
#include <sio/sys/packet.h>

#include "core/handlers.h"

struct event {
    sio_handlers handlers;
    struct event *empty; /* the next to be dropped */
    uint32_t len;
    char name[];
};

struct sio_listeners {
    sio_map events;
};

static sio_str event_name(const void *object)
{
    const struct event *event = object;
    return (sio_str){ event->name, event->len };
}

/* ---- adding ---- */

static struct event *add_event(sio_listeners *listeners, sio_str name)
{
    struct event *event = sio_mem_zalloc(sizeof(*event) + name.len);
    if (!event)
        return NULL;
    event->len = (uint32_t)name.len;
    memcpy(event->name, name.data, name.len);
    if (sio_map_insert(&listeners->events, event)) {
        sio_mem_free(event);
        return NULL;
    }
    return event;
}

static sio_listeners *make(const uint64_t seed[2])
{
    sio_listeners *listeners = sio_mem_alloc(sizeof(*listeners));
    if (listeners)
        sio_map_init(&listeners->events, event_name, seed);
    return listeners;
}

/* An event without handlers takes no memory: their names may be made anew for each question. */
static void drop_if_empty(sio_listeners *listeners, struct event *event)
{
    if (event->handlers.count > 0 || event->handlers.walks > 0)
        return;
    (void)sio_map_remove(&listeners->events, event_name(event));
    sio_handlers_free(&event->handlers);
    sio_mem_free(event);
}

int sio_listeners_add(sio_listeners **listeners, const uint64_t seed[2], const char *event,
                      sio_event_cb callback, void *data, unsigned how)
{
    const sio_str name = sio_str_from(event);
    if (!event || !callback)
        return SIO_EINVAL;
    if (sio_packet_reserved(name))
        return SIO_ERESERVED;
    if (!*listeners && !(*listeners = make(seed)))
        return SIO_ENOMEM;

    struct event *found = sio_map_get(&(*listeners)->events, name);
    if (!found && !(found = add_event(*listeners, name)))
        return SIO_ENOMEM;
    const int err = sio_handlers_add(&found->handlers, (sio_handler_call)callback, data, how);
    if (err)
        drop_if_empty(*listeners, found);
    return err;
}

/* ---- removing ---- */

static void remove_all(sio_listeners *listeners, sio_event_cb callback)
{
    struct event *event, *empty = NULL;
    size_t at = 0;
    while ((event = sio_map_next(&listeners->events, &at))) {
        sio_handlers_remove(&event->handlers, (sio_handler_call)callback);
        event->empty = empty;
        empty = event;
    }
    while ((event = empty)) {
        empty = event->empty;
        drop_if_empty(listeners, event);
    }
}

void sio_listeners_remove(sio_listeners *listeners, const char *event, sio_event_cb callback)
{
    if (!listeners)
        return;
    if (!event) {
        remove_all(listeners, callback);
        return;
    }
    struct event *found = sio_map_get(&listeners->events, sio_str_from(event));
    if (!found)
        return;
    sio_handlers_remove(&found->handlers, (sio_handler_call)callback);
    drop_if_empty(listeners, found);
}

/* ---- calling ---- */

void sio_listeners_call(sio_listeners *listeners, sio_str event, sio_socket *socket,
                        const sio_args *args, sio_ack *ack)
{
    struct event *found = listeners ? sio_map_get(&listeners->events, event) : NULL;
    if (!found)
        return;
    const sio_handler *handler;
    sio_handlers_walk walk = sio_handlers_start(&found->handlers);
    while ((handler = sio_handlers_next(&found->handlers, &walk)))
        ((sio_event_cb)handler->call)(socket, args, ack, handler->data);
    sio_handlers_stop(&found->handlers);
    drop_if_empty(listeners, found);
}

void sio_listeners_free(sio_listeners *listeners)
{
    if (!listeners)
        return;
    size_t at = 0;
    struct event *event;
    while ((event = sio_map_next(&listeners->events, &at))) {
        sio_handlers_free(&event->handlers);
        sio_mem_free(event);
    }
    sio_map_free(&listeners->events);
    sio_mem_free(listeners);
}
