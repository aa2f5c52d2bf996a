/* A room and its places: what the index and the selection over it both know. */
#ifndef SIO_MEMORY_ROOM_H
#define SIO_MEMORY_ROOM_H

#include <sio/sys/map.h>
#include <sio/sys/rooms.h>

struct place {
    sio_member *member;
    uint32_t index; /* of the membership in member->memberships */
};

struct room {
    struct place *places;
    uint32_t count;
    uint32_t cap;
    uint32_t name_len;
    char name[];
};

struct sio_membership {
    struct room *room;
    uint32_t position; /* of the place in room->places */
};

struct sio_rooms {
    sio_map rooms; /* those that somebody is in besides the member of that id */
    sio_map members;
    sio_member **everyone;
    uint32_t everyone_cap;
    uint32_t other_ids;      /* members whose ids are not of SIO_ROOMS_ID_SIZE characters */
    uint32_t stamp;          /* of the latest selection; no member is ahead of it */
    sio_rooms_change change; /* NULL: nobody listens */
    void *change_data;
};

/* The member whose own room that is, while it is in it; NULL if there is none. */
sio_member *sio_room_owner(const sio_rooms *rooms, sio_str name);

#endif
