/* Sessions and packets in the memory of this process. */
#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/map.h>
#include <sio/sys/mem.h>

#include "memory/journal.h"

/* The namespace of waiting sessions. */
struct lounge {
    uint32_t sessions;
    uint32_t len;
    char name[];
};

struct kept {
    struct kept *older;
    struct kept *newer;
    struct lounge *lounge;
    uint64_t at;
    size_t size;
    sio_str data; /* MessagePack; empty: undefined */
    sio_session session;
    sio_str rooms[];
};

typedef struct sio_sessions {
    sio_recovery base; /* first */
    sio_sessions_options options;
    sio_map kept;    /* by pid */
    sio_map lounges; /* by name */
    struct kept *oldest;
    struct kept *newest;
    size_t bytes; /* of the sessions */
    uint64_t dropped;
    sio_journal journal;
} sio_sessions;

static sio_sessions *self_of(sio_recovery *recovery)
{
    return (sio_sessions *)(void *)recovery;
}

static sio_str kept_key(const void *object)
{
    return ((const struct kept *)object)->session.pid;
}

static sio_str lounge_key(const void *object)
{
    const struct lounge *lounge = object;
    return (sio_str){ lounge->name, lounge->len };
}

/* ---- the namespaces ---- */

static struct lounge *enter_lounge(sio_sessions *self, sio_str nsp)
{
    struct lounge *lounge = sio_map_get(&self->lounges, nsp);
    if (!lounge) {
        lounge = sio_mem_zalloc(sizeof(*lounge) + nsp.len);
        if (!lounge)
            return NULL;
        lounge->len = (uint32_t)nsp.len;
        if (nsp.len)
            memcpy(lounge->name, nsp.data, nsp.len);
        if (sio_map_insert(&self->lounges, lounge)) {
            sio_mem_free(lounge);
            return NULL;
        }
    }
    lounge->sessions++;
    return lounge;
}

static void leave_lounge(sio_sessions *self, struct lounge *lounge)
{
    if (--lounge->sessions > 0)
        return;
    (void)sio_map_remove(&self->lounges, lounge_key(lounge));
    sio_mem_free(lounge);
}

/* ---- the sessions ---- */

static sio_str copy(char **at, sio_str text)
{
    const sio_str copied = { *at, text.len };
    if (text.len)
        memcpy(*at, text.data, text.len);
    *at += text.len;
    return copied;
}

static size_t size_of(const sio_session *session, size_t data_len)
{
    size_t size = sizeof(struct kept) + session->nsp.len + session->sid.len + session->pid.len +
                  data_len + session->rooms_count * sizeof(sio_str);
    for (size_t i = 0; i < session->rooms_count; i++)
        size += session->rooms[i].len;
    return size;
}

static struct kept *kept_new(const sio_session *session, sio_str data, size_t size)
{
    struct kept *kept = sio_mem_zalloc(size);
    if (!kept)
        return NULL;
    char *at = (char *)(kept->rooms + session->rooms_count);
    kept->size = size;
    for (size_t i = 0; i < session->rooms_count; i++)
        kept->rooms[i] = copy(&at, session->rooms[i]);
    kept->session = (sio_session){ .nsp = copy(&at, session->nsp),
                                   .sid = copy(&at, session->sid),
                                   .pid = copy(&at, session->pid),
                                   .rooms = kept->rooms,
                                   .rooms_count = session->rooms_count };
    kept->data = copy(&at, data);
    return kept;
}

static void unlink_kept(sio_sessions *self, struct kept *kept)
{
    if (kept->older)
        kept->older->newer = kept->newer;
    else
        self->oldest = kept->newer;
    if (kept->newer)
        kept->newer->older = kept->older;
    else
        self->newest = kept->older;
    (void)sio_map_remove(&self->kept, kept->session.pid);
    self->bytes -= kept->size;
    leave_lounge(self, kept->lounge);
}

static void discard(sio_sessions *self, struct kept *kept)
{
    unlink_kept(self, kept);
    sio_mem_free(kept);
}

/* ---- bounds ---- */

static bool is_over(uint64_t at, uint32_t ms, uint64_t now)
{
    return at != UINT64_MAX && at + ms < now;
}

static void tick(sio_recovery *recovery, uint64_t now)
{
    sio_sessions *self = self_of(recovery);
    while (self->oldest && is_over(self->oldest->at, self->options.session_ms, now))
        discard(self, self->oldest);
    while (is_over(sio_journal_oldest(&self->journal), self->options.packet_ms, now))
        sio_journal_drop(&self->journal, false);
}

static void fit(sio_sessions *self)
{
    sio_journal *journal = &self->journal;
    while (self->bytes + journal->bytes > self->options.max_bytes) {
        if (self->oldest && self->oldest->at <= sio_journal_oldest(journal))
            discard(self, self->oldest);
        else
            sio_journal_drop(journal, true);
        self->dropped++;
    }
}

/* ---- operations ---- */

static int insert(sio_sessions *self, struct kept *kept)
{
    struct kept *same = sio_map_get(&self->kept, kept->session.pid);
    if (same)
        discard(self, same);
    kept->lounge = enter_lounge(self, kept->session.nsp);
    if (!kept->lounge)
        return SIO_ENOMEM;
    if (sio_map_insert(&self->kept, kept)) {
        leave_lounge(self, kept->lounge);
        return SIO_ENOMEM;
    }
    kept->older = self->newest;
    if (self->newest)
        self->newest->newer = kept;
    else
        self->oldest = kept;
    self->newest = kept;
    self->bytes += kept->size;
    return 0;
}

static int keep(sio_sessions *self, const sio_session *session, sio_str data, uint64_t now)
{
    const size_t size = size_of(session, data.len);
    if (size > self->options.max_bytes) {
        self->dropped++;
        return SIO_ELIMIT;
    }
    struct kept *kept = kept_new(session, data, size);
    if (!kept)
        return SIO_ENOMEM;
    kept->at = now;
    const int err = insert(self, kept);
    if (err)
        sio_mem_free(kept);
    return err;
}

static int persist(sio_recovery *recovery, const sio_session *session, uint64_t now)
{
    sio_sessions *self = self_of(recovery);
    sio_buf data = { 0 };
    tick(recovery, now);
    if (session->data.type != SIO_TYPE_UNDEFINED)
        sio_msgpack_write(&data, &session->data);
    int err = data.err;
    if (!err)
        err = keep(self, session, (sio_str){ data.data, data.len }, now);
    sio_buf_free(&data);
    fit(self);
    return err;
}

static int read_data(sio_arena *arena, const struct kept *kept, sio_value *out)
{
    *out = (sio_value){ .type = SIO_TYPE_UNDEFINED };
    if (kept->data.len == 0)
        return 0;
    return sio_msgpack_read(arena, out, kept->data.data, kept->data.len, NULL);
}

static void restore(sio_recovery *recovery, sio_str nsp, sio_str pid, sio_str offset, uint64_t now,
                    sio_restorer *restorer)
{
    sio_sessions *self = self_of(recovery);
    tick(recovery, now);
    struct kept *kept = sio_map_get(&self->kept, pid);
    if (!kept || !sio_str_equal(kept->session.nsp, nsp)) {
        restorer->answer(restorer, NULL, NULL, 0);
        return;
    }
    sio_arena arena = { 0 };
    const sio_value *missed = NULL;
    size_t count = 0;
    unlink_kept(self, kept);
    int err = read_data(&arena, kept, &kept->session.data);
    if (!err)
        err = sio_journal_read(&self->journal, &arena, offset, &kept->session, &missed, &count);
    restorer->answer(restorer, err ? NULL : &kept->session, missed, err ? 0 : count);
    sio_arena_free(&arena);
    sio_mem_free(kept);
}

/* Nothing is answered later. */
static void forget(sio_recovery *recovery, sio_restorer *restorer)
{
    (void)recovery;
    (void)restorer;
}

static int record(sio_recovery *recovery, const sio_cluster_message *message, uint64_t now,
                  char offset[SIO_OFFSET_SIZE])
{
    sio_sessions *self = self_of(recovery);
    tick(recovery, now);
    const int err = sio_journal_add(&self->journal, message, now, self->options.max_bytes, offset);
    if (err)
        self->dropped++;
    else
        fit(self);
    return err;
}

static bool waits(const sio_recovery *recovery, sio_str nsp)
{
    const sio_sessions *self = (const sio_sessions *)(const void *)recovery;
    return self->lounges.count > 0 && sio_map_get(&self->lounges, nsp);
}

static uint64_t due(const sio_recovery *recovery)
{
    const sio_sessions *self = (const sio_sessions *)(const void *)recovery;
    const uint64_t packet = sio_journal_oldest(&self->journal);
    uint64_t next = UINT64_MAX;
    if (packet != UINT64_MAX)
        next = packet + self->options.packet_ms;
    if (self->oldest && self->oldest->at + self->options.session_ms < next)
        next = self->oldest->at + self->options.session_ms;
    return next == UINT64_MAX ? next : next + SIO_LIMIT_RECOVERY_BATCH_MS;
}

static void stats(const sio_recovery *recovery, sio_recovery_stats *out)
{
    const sio_sessions *self = (const sio_sessions *)(const void *)recovery;
    *out = (sio_recovery_stats){ .sessions = self->kept.count,
                                 .packets = self->journal.count,
                                 .bytes = self->bytes + self->journal.bytes,
                                 .dropped = self->dropped };
}

static void destroy(sio_recovery *recovery)
{
    sio_sessions *self = self_of(recovery);
    while (self->oldest)
        discard(self, self->oldest);
    sio_map_free(&self->kept);
    sio_map_free(&self->lounges);
    sio_journal_free(&self->journal);
    sio_mem_free(self);
}

static const sio_recovery_ops ops = {
    .persist = persist,
    .restore = restore,
    .forget = forget,
    .record = record,
    .waits = waits,
    .due = due,
    .tick = tick,
    .stats = stats,
    .free = destroy,
};

int sio_sessions_new(sio_recovery **out, const sio_sessions_options *options)
{
    sio_sessions *self = sio_mem_zalloc(sizeof(*self));
    if (!self)
        return SIO_ENOMEM;
    self->base.ops = &ops;
    self->options = *options;
    sio_map_init(&self->kept, kept_key, options->seed);
    sio_map_init(&self->lounges, lounge_key, options->seed);
    sio_journal_init(&self->journal, options->epoch);
    *out = &self->base;
    return 0;
}
