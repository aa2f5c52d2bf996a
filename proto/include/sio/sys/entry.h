/*
 * What the streams adapter keeps in Redis: the entries of a stream, as
 * @socket.io/redis-streams-adapter 0.3 and @socket.io/redis-streams-emitter 0.1 write and read
 * them. The fields uid, nsp and type are text; data is JSON, or base64 of MessagePack if binary is
 * in it, and is left out if there is none.
 */
#ifndef SIO_SYS_ENTRY_H
#define SIO_SYS_ENTRY_H

#include <sio/sys/member.h>

#define SIO_ENTRY_ID_SIZE 42 /* "<milliseconds>-<number>", two uint64, and the NUL */

/* The place of an entry in its stream, as Redis orders them. */
typedef struct sio_entry_id {
    uint64_t ms;
    uint64_t number;
} sio_entry_id;

/* What was read. All borrowed; data NULL: no such field. */
typedef struct sio_entry {
    sio_entry_id id;
    sio_str uid;
    sio_str nsp;
    sio_str type;
    sio_str data;
    sio_str mark; /* how a node of ours knows its own again; other nodes do not look at it */
} sio_entry;

/* SIO_EPARSE: no id in full. */
SIO_EXTERN SIO_MUST_USE int sio_entry_id_read(sio_entry_id *out, sio_str text);
/* Returns the length. */
SIO_EXTERN size_t sio_entry_id_write(char out[SIO_ENTRY_ID_SIZE], sio_entry_id id);

/* A whole number. SIO_EPARSE. */
SIO_EXTERN SIO_MUST_USE int sio_entry_mark_read(uint64_t *out, sio_str text);

/* Below, equal, above 0 like memcmp. */
static inline int sio_entry_id_compare(sio_entry_id a, sio_entry_id b)
{
    if (a.ms != b.ms)
        return a.ms < b.ms ? -1 : 1;
    return a.number < b.number ? -1 : a.number > b.number;
}

/* Whether messages of that kind are kept in the stream. The others, which somebody waits for, go by
 * Pub/Sub as sio_member_pack has them. */
SIO_EXTERN bool sio_entry_is_kept(const sio_member_message *message);

/* Appends the field `data`: nothing where the message has none. */
SIO_EXTERN void sio_entry_data(sio_buf *out, const sio_member_message *message);

/* The same of any value, for who orders the fields otherwise. */
SIO_EXTERN void sio_entry_value(sio_buf *out, const sio_value *data);

/* Appends base64 of its MessagePack. */
SIO_EXTERN void sio_entry_packed(sio_buf *out, const sio_value *value);

/* Reads one; borrowed from the entry and the arena. SIO_EPARSE: not one, or what sio_member_read
 * refuses; SIO_EDEPTH, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_entry_read(sio_member_message *out, sio_arena *arena,
                                           const sio_entry *entry);

#endif
