#include <sio/sys/rooms.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "memory/room.h"

#define NOWHERE UINT32_MAX

static sio_str room_name(const void *object)
{
    const struct room *self = object;
    return (sio_str){ self->name, self->name_len };
}

static sio_str member_id(const void *object)
{
    return sio_member_id(object);
}

static bool is_own(const sio_member *member, sio_str name)
{
    return sio_str_equal(sio_member_id(member), name);
}

/* Room for one more item in an array of `count`. Returns where it is now; NULL, and all as it was,
 * when memory is out. */
static void *grow(void *items, uint32_t *cap, uint32_t count, size_t item_size)
{
    if (count < *cap)
        return items;
    uint32_t wanted = *cap ? *cap * 2 : 2;
    void *moved = sio_mem_realloc(items, wanted * item_size);
    if (moved)
        *cap = wanted;
    return moved;
}

/* Gives memory back once three quarters are unused; all of it when nothing is left. */
static void *shrink(void *items, uint32_t *cap, uint32_t count, size_t item_size)
{
    if (count == 0) {
        sio_mem_free(items);
        *cap = 0;
        return NULL;
    }
    if (*cap <= 4 || count > *cap / 4)
        return items;
    void *moved = sio_mem_realloc(items, *cap / 2 * item_size);
    if (!moved)
        return items;
    *cap /= 2;
    return moved;
}

int sio_rooms_new(sio_rooms **out, const uint64_t seed[2])
{
    sio_rooms *rooms = sio_mem_zalloc(sizeof *rooms);
    if (!rooms)
        return SIO_ENOMEM;
    sio_map_init(&rooms->rooms, room_name, seed);
    sio_map_init(&rooms->members, member_id, seed);
    *out = rooms;
    return 0;
}

void sio_rooms_free(sio_rooms *rooms)
{
    if (!rooms)
        return;
    sio_map_free(&rooms->rooms);
    sio_map_free(&rooms->members);
    sio_mem_free(rooms->everyone);
    sio_mem_free(rooms);
}

void sio_rooms_watch(sio_rooms *rooms, sio_rooms_change change, void *data)
{
    rooms->change = change;
    rooms->change_data = data;
}

static void tell(const sio_rooms *rooms, const sio_member *member, sio_str name, bool joined,
                 bool edge)
{
    if (rooms->change)
        rooms->change(member, name, joined, edge, rooms->change_data);
}

static void tell_left(const sio_rooms *rooms, const sio_member *member, sio_str name)
{
    if (rooms->change)
        tell(rooms, member, name, false, !sio_rooms_has(rooms, name));
}

int sio_rooms_add(sio_rooms *rooms, sio_member *member)
{
    if (sio_map_get(&rooms->members, sio_member_id(member)))
        return SIO_EEXISTS;
    uint32_t count = rooms->members.count;
    sio_member **everyone =
        grow(rooms->everyone, &rooms->everyone_cap, count, sizeof(sio_member *));
    if (!everyone)
        return SIO_ENOMEM;
    rooms->everyone = everyone;
    if (sio_map_insert(&rooms->members, member))
        return SIO_ENOMEM;
    everyone[count] = member;
    member->index = count;
    member->stamp = 0;
    member->added = member->own = true;
    rooms->other_ids += member->other_len > 0;
    if (rooms->change)
        tell(rooms, member, sio_member_id(member), true,
             !sio_map_get(&rooms->rooms, sio_member_id(member)));
    return 0;
}

/* Where the member's membership of that room is: looked for on the shorter side. */
static uint32_t find_membership(const sio_member *member, const struct room *room)
{
    if (member->count <= room->count) {
        for (uint32_t i = 0; i < member->count; i++)
            if (member->memberships[i].room == room)
                return i;
    } else {
        for (uint32_t i = 0; i < room->count; i++)
            if (room->places[i].member == member)
                return room->places[i].index;
    }
    return NOWHERE;
}

static struct room *room_new(sio_str name)
{
    struct room *self = sio_mem_zalloc(sizeof *self + name.len + 1);
    if (self) {
        self->name_len = (uint32_t)name.len;
        if (name.len)
            memcpy(self->name, name.data, name.len);
    }
    return self;
}

static void room_free(struct room *self)
{
    sio_mem_free(self->places);
    sio_mem_free(self);
}

static int enter(sio_member *member, struct room *room)
{
    struct place *places = grow(room->places, &room->cap, room->count, sizeof *places);
    if (!places)
        return SIO_ENOMEM;
    room->places = places;
    struct sio_membership *memberships =
        grow(member->memberships, &member->cap, member->count, sizeof *memberships);
    if (!memberships)
        return SIO_ENOMEM;
    member->memberships = memberships;
    places[room->count] = (struct place){ member, member->count };
    memberships[member->count] = (struct sio_membership){ room, room->count };
    room->count++;
    member->count++;
    return 0;
}

static int enter_new(sio_rooms *rooms, sio_member *member, sio_str name)
{
    struct room *room = room_new(name);
    if (!room)
        return SIO_ENOMEM;
    if (sio_map_insert(&rooms->rooms, room)) {
        room_free(room);
        return SIO_ENOMEM;
    }
    if (enter(member, room)) {
        sio_map_remove(&rooms->rooms, name);
        room_free(room);
        return SIO_ENOMEM;
    }
    return 0;
}

/* 1 if it has joined, 0 if it was in there. */
static int join(sio_rooms *rooms, sio_member *member, sio_str name)
{
    int err;
    if (is_own(member, name)) {
        if (member->own)
            return 0;
        member->own = true;
        return 1;
    }
    if (name.len > SIO_LIMIT_NAME)
        return SIO_ELIMIT;
    struct room *room = sio_map_get(&rooms->rooms, name);
    if (room && find_membership(member, room) != NOWHERE)
        return 0;
    err = room ? enter(member, room) : enter_new(rooms, member, name);
    return err ? err : 1;
}

int sio_rooms_join(sio_rooms *rooms, sio_member *member, sio_str name)
{
    const bool is_new = rooms->change && !sio_rooms_has(rooms, name);
    const int joined = join(rooms, member, name);
    if (joined > 0)
        tell(rooms, member, name, true, is_new);
    return joined < 0 ? joined : 0;
}

/* The last of each array takes the place that becomes free. */
static void leave_at(sio_rooms *rooms, sio_member *member, uint32_t index)
{
    struct sio_membership gone = member->memberships[index];
    struct room *room = gone.room;
    struct place last = room->places[--room->count];
    room->places[gone.position] = last;
    last.member->memberships[last.index].position = gone.position;

    struct sio_membership moved = member->memberships[--member->count];
    if (index != member->count) {
        member->memberships[index] = moved;
        moved.room->places[moved.position].index = index;
    }
    member->memberships = shrink(member->memberships, &member->cap, member->count, sizeof moved);
    if (room->count > 0) {
        room->places = shrink(room->places, &room->cap, room->count, sizeof last);
        tell_left(rooms, member, room_name(room));
        return;
    }
    sio_map_remove(&rooms->rooms, room_name(room));
    tell_left(rooms, member, room_name(room));
    room_free(room);
}

static void leave_own(sio_rooms *rooms, sio_member *member)
{
    if (!member->own)
        return;
    member->own = false;
    tell_left(rooms, member, sio_member_id(member));
}

void sio_rooms_leave(sio_rooms *rooms, sio_member *member, sio_str name)
{
    if (is_own(member, name)) {
        leave_own(rooms, member);
        return;
    }
    const struct room *room = sio_map_get(&rooms->rooms, name);
    uint32_t index = room ? find_membership(member, room) : NOWHERE;
    if (index != NOWHERE)
        leave_at(rooms, member, index);
}

void sio_rooms_remove(sio_rooms *rooms, sio_member *member)
{
    if (!member->added)
        return;
    leave_own(rooms, member);
    while (member->count)
        leave_at(rooms, member, member->count - 1);
    sio_map_remove(&rooms->members, sio_member_id(member));
    uint32_t count = rooms->members.count;
    sio_member *last = rooms->everyone[count];
    rooms->everyone[member->index] = last;
    last->index = member->index;
    rooms->everyone = shrink(rooms->everyone, &rooms->everyone_cap, count, sizeof last);
    member->added = false;
    rooms->other_ids -= member->other_len > 0;
}

sio_member *sio_rooms_member(const sio_rooms *rooms, sio_str id)
{
    const bool possible = id.len == SIO_ROOMS_ID_SIZE || rooms->other_ids > 0;
    return possible ? sio_map_get(&rooms->members, id) : NULL;
}

sio_member *sio_room_owner(const sio_rooms *rooms, sio_str name)
{
    sio_member *member = sio_rooms_member(rooms, name);
    return member && member->own ? member : NULL;
}

bool sio_rooms_has(const sio_rooms *rooms, sio_str name)
{
    return sio_room_owner(rooms, name) || sio_map_get(&rooms->rooms, name);
}

size_t sio_rooms_size(const sio_rooms *rooms, sio_str name)
{
    const struct room *room = sio_map_get(&rooms->rooms, name);
    return (room ? room->count : 0) + (sio_room_owner(rooms, name) ? 1u : 0u);
}

bool sio_rooms_is_in(const sio_rooms *rooms, const sio_member *member, sio_str name)
{
    if (is_own(member, name))
        return member->own;
    const struct room *room = sio_map_get(&rooms->rooms, name);
    return room && find_membership(member, room) != NOWHERE;
}

size_t sio_rooms_named(const sio_rooms *rooms)
{
    return rooms->rooms.count;
}

size_t sio_rooms_members(const sio_rooms *rooms)
{
    return rooms->members.count;
}

size_t sio_rooms_of_count(const sio_member *member)
{
    return (member->own ? 1u : 0u) + (size_t)member->count;
}

sio_str sio_rooms_of(const sio_member *member, size_t index)
{
    if (!member->own)
        return room_name(member->memberships[index].room);
    return index ? room_name(member->memberships[index - 1].room) : sio_member_id(member);
}

sio_str sio_rooms_next(const sio_rooms *rooms, sio_rooms_walk *walk)
{
    if (!walk->ids) {
        const struct room *room = sio_map_next(&rooms->rooms, &walk->at);
        if (room)
            return room_name(room);
        *walk = (sio_rooms_walk){ .ids = true };
    }
    while (walk->at < rooms->members.count) {
        const sio_member *member = rooms->everyone[walk->at++];
        if (member->own && !sio_map_get(&rooms->rooms, sio_member_id(member)))
            return sio_member_id(member);
    }
    return (sio_str){ NULL, 0 };
}
