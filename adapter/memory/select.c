#include "memory/room.h"

/* A stamp that no member bears. */
static uint32_t next_stamp(sio_rooms *rooms)
{
    if (++rooms->stamp == 0) {
        for (uint32_t i = 0; i < rooms->members.count; i++)
            rooms->everyone[i]->stamp = 0;
        rooms->stamp = 1;
    }
    return rooms->stamp;
}

static void stamp_room(const sio_rooms *rooms, sio_str name, uint32_t stamp)
{
    const struct room *room = sio_map_get(&rooms->rooms, name);
    for (uint32_t i = 0; room && i < room->count; i++)
        room->places[i].member->stamp = stamp;
    sio_member *own = sio_room_owner(rooms, name);
    if (own)
        own->stamp = stamp;
}

static inline void visit(sio_member *member, uint32_t stamp, sio_rooms_each each, void *data)
{
    if (member->stamp == stamp)
        return;
    member->stamp = stamp;
    each(member, data);
}

static void stamp_left_out(sio_rooms *rooms, const sio_selection *selection, uint32_t stamp)
{
    for (size_t i = 0; i < selection->except_count; i++)
        stamp_room(rooms, selection->except[i], stamp);
    if (selection->sender && selection->sender->added)
        rooms->everyone[selection->sender->index]->stamp = stamp;
}

static void visit_room(sio_rooms *rooms, sio_str name, uint32_t stamp, sio_rooms_each each,
                       void *data)
{
    const struct room *room = sio_map_get(&rooms->rooms, name);
    for (uint32_t i = 0; room && i < room->count; i++)
        visit(room->places[i].member, stamp, each, data);
    sio_member *own = sio_room_owner(rooms, name);
    if (own)
        visit(own, stamp, each, data);
}

/* Several rooms, or exceptions: a member that bears the stamp has been seen or is left out. */
static void select_stamped(sio_rooms *rooms, const sio_selection *selection, sio_rooms_each each,
                           void *data)
{
    uint32_t stamp = next_stamp(rooms);
    stamp_left_out(rooms, selection, stamp);
    for (size_t i = 0; i < selection->rooms_count; i++)
        visit_room(rooms, selection->rooms[i], stamp, each, data);
    if (selection->rooms_count == 0)
        for (uint32_t i = 0; i < rooms->members.count; i++)
            visit(rooms->everyone[i], stamp, each, data);
}

static void select_everyone(const sio_rooms *rooms, const sio_member *sender, sio_rooms_each each,
                            void *data)
{
    sio_member *const *member = rooms->everyone;
    for (uint32_t left = rooms->members.count; left > 0; left--, member++)
        if (*member != sender)
            each(*member, data);
}

static void select_room(const sio_rooms *rooms, sio_str name, const sio_member *sender,
                        sio_rooms_each each, void *data)
{
    const struct room *room = sio_map_get(&rooms->rooms, name);
    if (room) {
        const struct place *place = room->places;
        for (uint32_t left = room->count; left > 0; left--, place++)
            if (place->member != sender)
                each(place->member, data);
    }
    sio_member *own = sio_room_owner(rooms, name);
    if (own && own != sender)
        each(own, data);
}

void sio_rooms_select(sio_rooms *rooms, const sio_selection *selection, sio_rooms_each each,
                      void *data)
{
    if (selection->rooms_count > 1 || selection->except_count > 0)
        select_stamped(rooms, selection, each, data);
    else if (selection->rooms_count == 1)
        select_room(rooms, selection->rooms[0], selection->sender, each, data);
    else
        select_everyone(rooms, selection->sender, each, data);
}
