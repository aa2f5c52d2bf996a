#include "core/listeners.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>
#include <sio/sys/packet.h>

struct listener {
    struct listener *next;
    sio_event_cb callback;
    void *data;
};

struct event {
    struct listener *first;
    struct listener *last;
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

static void append(struct event *event, struct listener *listener)
{
    if (event->last)
        event->last->next = listener;
    else
        event->first = listener;
    event->last = listener;
}

static sio_listeners *make(const uint64_t seed[2])
{
    sio_listeners *listeners = sio_mem_alloc(sizeof(*listeners));
    if (listeners)
        sio_map_init(&listeners->events, event_name, seed);
    return listeners;
}

int sio_listeners_add(sio_listeners **listeners, const uint64_t seed[2], const char *event,
                      sio_event_cb callback, void *data)
{
    const sio_str name = sio_str_from(event);
    if (!event || !callback)
        return SIO_EINVAL;
    if (sio_packet_reserved(name))
        return SIO_ERESERVED;
    if (!*listeners && !(*listeners = make(seed)))
        return SIO_ENOMEM;

    struct listener *listener = sio_mem_alloc(sizeof(*listener));
    if (!listener)
        return SIO_ENOMEM;
    *listener = (struct listener){ .callback = callback, .data = data };
    struct event *found = sio_map_get(&(*listeners)->events, name);
    if (!found && !(found = add_event(*listeners, name))) {
        sio_mem_free(listener);
        return SIO_ENOMEM;
    }
    append(found, listener);
    return 0;
}

void sio_listeners_call(const sio_listeners *listeners, sio_str event, sio_socket *socket,
                        const sio_args *args, sio_ack *ack)
{
    const struct event *found = listeners ? sio_map_get(&listeners->events, event) : NULL;
    if (!found)
        return;
    const struct listener *last = found->last;
    for (const struct listener *listener = found->first;; listener = listener->next) {
        listener->callback(socket, args, ack, listener->data);
        if (listener == last)
            break;
    }
}

static void free_event(struct event *event)
{
    while (event->first) {
        struct listener *listener = event->first;
        event->first = listener->next;
        sio_mem_free(listener);
    }
    sio_mem_free(event);
}

void sio_listeners_free(sio_listeners *listeners)
{
    if (!listeners)
        return;
    size_t at = 0;
    struct event *event;
    while ((event = sio_map_next(&listeners->events, &at)))
        free_event(event);
    sio_map_free(&listeners->events);
    sio_mem_free(listeners);
}
