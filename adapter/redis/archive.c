#include "redis/archive.h"

#include <inttypes.h>
#include <stdio.h>

#include <sio/sys/mem.h>

#include "cluster/scratch.h"
#include "redis/revisit.h"

static sio_archive *archive_of(const sio_recovery *recovery)
{
    return (sio_archive *)(uintptr_t)recovery;
}

static void archive_restore(sio_recovery *recovery, sio_str nsp, sio_str pid, sio_str offset,
                            uint64_t now, sio_restorer *restorer)
{
    sio_revisit_begin(archive_of(recovery), nsp, pid, offset, now, restorer);
}

static void archive_forget(sio_recovery *recovery, sio_restorer *restorer)
{
    sio_revisit_forget(archive_of(recovery), restorer);
}

static int write_and_send(sio_archive *archive, const sio_session *session, sio_buf *key,
                          sio_buf *value)
{
    char ms[12];
    snprintf(ms, sizeof ms, "%" PRIu32, archive->session_ms);
    sio_buf_text(key, archive->prefix);
    sio_buf_append(key, session->pid.data, session->pid.len);
    sio_kept_write(value, session);
    if (key->err || value->err)
        return key->err ? key->err : value->err;
    const sio_str words[] = { SIO_STR("SET"), sio_buf_str(key), sio_buf_str(value), SIO_STR("PX"),
                              sio_str_from(ms) };
    return sio_redis_link_send(archive->link, &(sio_redis_command){ .words = words, .count = 5 });
}

static int archive_persist(sio_recovery *recovery, const sio_session *session, uint64_t now)
{
    sio_buf key = { 0 }, value = { 0 };
    (void)now;
    sio_archive *archive = archive_of(recovery);
    if (archive->stopped)
        return SIO_ECLOSED;
    const int err = write_and_send(archive, session, &key, &value);
    sio_buf_free(&key);
    sio_buf_free(&value);
    return err;
}

static void archive_debt(const sio_recovery *recovery, uint64_t *promised, uint64_t *kept)
{
    const sio_owed *owed = &archive_of(recovery)->streams->owed;
    *promised = owed->promised;
    *kept = owed->kept;
}

static void archive_settle(sio_recovery *recovery)
{
    sio_streams_settle(archive_of(recovery)->streams);
}

static uint64_t held_due(const sio_archive *archive)
{
    return archive->held ? archive->held_due : UINT64_MAX;
}

static uint64_t archive_due(const sio_recovery *recovery)
{
    const sio_archive *archive = archive_of(recovery);
    const uint64_t owed = sio_streams_due(archive->streams), held = held_due(archive);
    return owed < held ? owed : held;
}

static void archive_tick(sio_recovery *recovery, uint64_t now)
{
    sio_archive *archive = archive_of(recovery);
    sio_streams_tick(archive->streams, now);
    if (held_due(archive) <= now)
        sio_archive_give_up(archive, now);
}

/* Sessions and packets are Redis's: what waits here are broadcasts. */
static void archive_stats(const sio_recovery *recovery, sio_recovery_stats *out)
{
    *out = (sio_recovery_stats){ .bytes = archive_of(recovery)->streams->owed.bytes };
}

int sio_archive_init(sio_archive *archive, sio_streams *streams, const sio_stream *stream,
                     const char *prefix, uint32_t session_ms)
{
    static const sio_recovery_ops ops = {
        .persist = archive_persist,
        .restore = archive_restore,
        .forget = archive_forget,
        .debt = archive_debt,
        .settle = archive_settle,
        .due = archive_due,
        .tick = archive_tick,
        .stats = archive_stats,
    };
    const char *text = prefix ? prefix : SIO_SESSION_KEY_PREFIX;
    *archive = (sio_archive){ .recovery.ops = &ops,
                              .streams = streams,
                              .stream = stream,
                              .session_ms = session_ms,
                              .prefix = sio_mem_strndup(text, strlen(text)) };
    return archive->prefix ? 0 : SIO_ENOMEM;
}

void sio_archive_read(sio_archive *archive)
{
    if (archive->held > 0 && sio_entry_id_compare(archive->stream->last, archive->held_until) >= 0)
        sio_revisit_release_all(archive);
}

void sio_archive_give_up(sio_archive *archive, uint64_t now)
{
    if (archive->held > 0)
        sio_revisit_refuse_due(archive, now);
}

void sio_archive_stop(sio_archive *archive)
{
    archive->stopped = true;
    sio_revisit_forget_all(archive);
}

void sio_archive_free(sio_archive *archive)
{
    sio_revisit_free_all(archive);
    sio_arena_free(&archive->scratch);
    sio_mem_free(archive->prefix);
}
