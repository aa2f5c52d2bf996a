/*
 * What was emitted lately, in order, each packet under a number that clients know as its offset.
 * Packets go when they are old, or before that when they take too many bytes; then the journal
 * knows that there is a gap.
 */
#ifndef SIO_MEMORY_JOURNAL_H
#define SIO_MEMORY_JOURNAL_H

#include <sio/sys/recovery.h>
#include <sio/sys/value.h>

typedef struct sio_journal {
    struct sio_journal_entry **ring; /* of consecutive numbers, the oldest at `head` */
    size_t head;
    size_t count;
    size_t cap;      /* 0 or a power of two */
    uint64_t next;   /* the number of the next packet; they begin with 1 */
    uint64_t gap;    /* packets below this number may have gone before their time */
    size_t bytes;    /* of the entries */
    sio_buf scratch; /* a packet that is being encoded */
    char epoch[7];   /* tells offsets of this process from those of another */
} sio_journal;

void sio_journal_init(sio_journal *journal, uint64_t epoch);
void sio_journal_free(sio_journal *journal);

/* Keeps a packet of at most `max_bytes` and writes its offset. SIO_ELIMIT, SIO_ENOMEM: it is a gap
 * now, and what was before it has been dropped. */
int sio_journal_add(sio_journal *journal, const sio_cluster_message *message, uint64_t now,
                    size_t max_bytes, char offset[SIO_OFFSET_SIZE]);

/* When the oldest packet came; UINT64_MAX: there is none. */
uint64_t sio_journal_oldest(const sio_journal *journal);
/* Drops it; `early`: before its time. */
void sio_journal_drop(sio_journal *journal, bool early);

/* The packets behind the offset that were for a member of those rooms, as arrays with their offsets
 * last; in the arena. SIO_ENOTFOUND: the offset is none of this journal's, or there is a gap behind
 * it. SIO_ENOMEM. */
int sio_journal_read(const sio_journal *journal, sio_arena *arena, sio_str offset,
                     const sio_session *session, const sio_value **out, size_t *out_count);

#endif
