/* Who and what is on this node, for the application. */
#include <sio/err.h>

#include "core/census.h"
#include "core/crowd.h"
#include "core/namespace.h"
#include "core/target.h"

int sio_namespace_each(sio_namespace *nsp, const sio_target *target, sio_each_socket_cb each,
                       void *data)
{
    sio_selection selection;
    if (!each)
        return SIO_EINVAL;
    sio_arena arena = sio_core_borrow(nsp->server);
    int err = sio_target_select(&arena, nsp, target, &selection);
    if (!err)
        err = sio_crowd_each(nsp, &selection, each, data);
    sio_core_give_back(nsp->server, &arena);
    return err;
}

size_t sio_namespace_room_size(const sio_namespace *nsp, const char *room)
{
    return room ? sio_rooms_size(nsp->rooms, sio_str_from(room)) : 0;
}

/* The names may go while they are walked: these are copies. */
int sio_namespace_each_room(sio_namespace *nsp, sio_each_room_cb each, void *data)
{
    sio_value rooms, copies;
    if (!each)
        return SIO_EINVAL;
    sio_arena arena = sio_core_borrow(nsp->server);
    int err = sio_census_rooms(&arena, nsp, &rooms);
    if (!err)
        err = sio_value_clone(&arena, &copies, &rooms);
    sio_core_enter(nsp->server);
    for (uint32_t i = 0; !err && i < copies.count; i++)
        each(copies.as.items[i].as.text, data);
    sio_core_leave(nsp->server);
    sio_core_give_back(nsp->server, &arena);
    return err;
}
