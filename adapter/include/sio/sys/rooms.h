/*
 * The room index of one namespace: which member is in which room, both ways, in memory.
 *
 * A room is a dense array of members; a member knows its rooms and its place in each, so that
 * leaving is a swap with the last. Each member's own id is a room as well, without an array of its
 * own.
 */
#ifndef SIO_SYS_ROOMS_H
#define SIO_SYS_ROOMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/str.h>

#define SIO_ROOMS_ID_SIZE 20 /* characters of an ordinary socket id */

typedef struct sio_rooms sio_rooms;

/* Inside each socket. Zeroed memory, then an id of SIO_ROOMS_ID_SIZE characters in `id` or one of
 * another length elsewhere, then sio_rooms_add. */
typedef struct sio_member {
    union {
        char id[SIO_ROOMS_ID_SIZE + 1];
        const char *other_id; /* ends with a NUL, lives as long as the member */
    };
    uint16_t other_len; /* of other_id; 0: the id is an ordinary one */
    bool added;
    bool own;       /* is in the room that is named as itself */
    uint32_t index; /* among all members */
    uint32_t stamp; /* of the last selection that saw it */
    uint32_t count;
    uint32_t cap;
    struct sio_membership *memberships; /* the rooms besides its own */
} sio_member;

/* The name of its own room. Borrowed. */
static inline sio_str sio_member_id(const sio_member *member)
{
    return member->other_len ? (sio_str){ member->other_id, member->other_len }
                             : (sio_str){ member->id, SIO_ROOMS_ID_SIZE };
}

/* Names that a broadcast goes to, and away from. No rooms at all: everyone. */
typedef struct sio_selection {
    const sio_str *rooms;
    size_t rooms_count;
    const sio_str *except;
    size_t except_count;
    const sio_member *sender; /* left out too; may be NULL */
} sio_selection;

/* A new index. `seed`: 16 random bytes for its hash maps. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_rooms_new(sio_rooms **out, const uint64_t seed[2]);
/* Frees the index; all members must be removed before. */
SIO_EXTERN void sio_rooms_free(sio_rooms *rooms);

/* A member comes (its id becomes a room), and goes (leaves everything). SIO_EEXISTS: the id is
 * taken; SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_rooms_add(sio_rooms *rooms, sio_member *member);
SIO_EXTERN void sio_rooms_remove(sio_rooms *rooms, sio_member *member);

/* Joining twice and leaving where one is not are no errors. SIO_ELIMIT: the name is longer than
 * SIO_LIMIT_NAME; SIO_ENOMEM: nothing has changed. */
SIO_EXTERN SIO_MUST_USE int sio_rooms_join(sio_rooms *rooms, sio_member *member, sio_str room);
SIO_EXTERN void sio_rooms_leave(sio_rooms *rooms, sio_member *member, sio_str room);

/* The member of that id, whether or not it has left its own room; NULL if there is none. */
SIO_EXTERN sio_member *sio_rooms_member(const sio_rooms *rooms, sio_str id);

/* Whether anyone is in the room; how many are. */
SIO_EXTERN bool sio_rooms_has(const sio_rooms *rooms, sio_str room);
SIO_EXTERN size_t sio_rooms_size(const sio_rooms *rooms, sio_str room);
SIO_EXTERN bool sio_rooms_is_in(const sio_rooms *rooms, const sio_member *member, sio_str room);

/* Number of rooms that have members; those that are a member's id count if others are in them. */
SIO_EXTERN size_t sio_rooms_named(const sio_rooms *rooms);

/* Number of members. */
SIO_EXTERN size_t sio_rooms_members(const sio_rooms *rooms);

/* A member's rooms, its own first (when it is in it), then in no order. `index` below
 * sio_rooms_of_count. Borrowed until the member joins or leaves. */
SIO_EXTERN size_t sio_rooms_of_count(const sio_member *member);
SIO_EXTERN sio_str sio_rooms_of(const sio_member *member, size_t index);

/* All rooms that have members, ids included, in no order: start with a zeroed walk; data NULL at
 * the end. */
typedef struct sio_rooms_walk {
    size_t at;
    bool ids;
} sio_rooms_walk;
SIO_EXTERN sio_str sio_rooms_next(const sio_rooms *rooms, sio_rooms_walk *walk);

/* Called after each change of who is in which room: `member` has joined the room or left it, and
 * with `edge` is the first in it, or was the last. The name is borrowed. It must not change the
 * index. */
typedef void (*sio_rooms_change)(const sio_member *member, sio_str room, bool joined, bool edge,
                                 void *data);
/* NULL: nobody listens, and it costs nothing. */
SIO_EXTERN void sio_rooms_watch(sio_rooms *rooms, sio_rooms_change change, void *data);

/* Calls `each` once for every selected member. `each` must not add, remove, join, leave or select.
 */
typedef void (*sio_rooms_each)(sio_member *member, void *data);
SIO_EXTERN void sio_rooms_select(sio_rooms *rooms, const sio_selection *selection,
                                 sio_rooms_each each, void *data);

#endif
