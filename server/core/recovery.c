#include "core/recovery.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "core/parent.h"
#include "core/target.h"

/* ---- the store ---- */

uint32_t sio_recovery_ms(const sio_recovery_options *options)
{
    if (!options->enable)
        return 0;
    return options->max_disconnection_ms ? options->max_disconnection_ms : 120000;
}

int sio_recovery_init(sio_server *server, const sio_recovery_options *options)
{
    if (!options->enable)
        return 0;
    const uint32_t ms = sio_recovery_ms(options);
    sio_sessions_options memory = {
        .session_ms = ms,
        .packet_ms = ms + server->engine.ping_interval_ms + server->engine.ping_timeout_ms,
        .max_bytes = options->max_bytes ? options->max_bytes : SIO_LIMIT_RECOVERY,
    };
    server->recovery_middlewares = options->run_middlewares;
    memcpy(memory.seed, server->seed, sizeof(memory.seed));
    server->net_ops->random(server->net, &memory.epoch, sizeof(memory.epoch));
    return sio_sessions_new(&server->recovery, &memory);
}

void sio_recovery_end(sio_server *server)
{
    if (server->recovery && server->recovery->ops->free)
        server->recovery->ops->free(server->recovery);
    server->recovery = NULL;
}

uint64_t sio_recovery_due(const sio_server *server)
{
    const sio_recovery *recovery = server->recovery;
    if (server->closing || !recovery || !recovery->ops->due)
        return UINT64_MAX;
    return recovery->ops->due(recovery);
}

void sio_recovery_tick(sio_server *server)
{
    if (sio_recovery_due(server) > server->now)
        return;
    server->recovery->ops->tick(server->recovery, server->now);
    sio_family_vacate_all(server);
}

void sio_recovery_stats_get(const sio_server *server, sio_server_stats *out)
{
    sio_recovery_stats kept;
    server->recovery->ops->stats(server->recovery, &kept);
    out->sessions_kept = kept.sessions;
    out->packets_kept = kept.packets;
    out->recovery_bytes = kept.bytes;
    out->recovery_dropped = kept.dropped;
}

bool sio_recovery_is_remote(const sio_server *server)
{
    return server->recovery && !server->recovery->ops->record;
}

bool sio_recovery_waits(const sio_server *server, sio_str nsp)
{
    const sio_recovery *recovery = server->recovery;
    return recovery && recovery->ops->waits && recovery->ops->waits(recovery, nsp);
}

/* ---- packets ---- */

bool sio_recovery_wants(const sio_namespace *nsp, unsigned flags)
{
    const sio_server *server = nsp->server;
    return server->recovery && !(flags & SIO_VOLATILE) &&
           (nsp->present > 0 || sio_recovery_waits(server, sio_namespace_str(nsp)));
}

static int append(sio_arena *arena, const sio_value *data, sio_str offset, sio_value *out)
{
    const char *text = sio_arena_strndup(arena, offset.data, offset.len);
    sio_value *items = sio_arena_alloc(arena, (data->count + 1) * sizeof(*items));
    if (!text || !items)
        return SIO_ENOMEM;
    if (data->count)
        memcpy(items, data->as.items, data->count * sizeof(*items));
    items[data->count] = sio_value_of_string((sio_str){ text, offset.len });
    *out = sio_value_of_array(items, data->count + 1);
    return 0;
}

static int record(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                  const sio_value *data, sio_value *out)
{
    sio_server *server = nsp->server;
    char offset[SIO_OFFSET_SIZE];
    sio_cluster_message message = {
        .nsp = sio_namespace_str(nsp),
        .rooms = selection->rooms,
        .rooms_count = selection->rooms_count,
        .data = *data,
    };
    int err = sio_target_except(arena, selection, &message.except, &message.except_count);
    if (!err)
        err =
            server->recovery->ops->record(server->recovery, &message, sio_core_now(server), offset);
    return err ? err : append(arena, data, sio_str_from(offset), out);
}

void sio_recovery_stamp(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                        const sio_value *data, sio_str offset, sio_value *out)
{
    int err = 0;
    *out = *data;
    if (offset.data)
        err = append(arena, data, offset, out);
    else if (nsp->server->recovery->ops->record)
        err = record(nsp, arena, selection, data, out);
    if (err)
        SIO_CORE_LOG(nsp->server, SIO_LOG_WARN, SIO_LOG_SOCKET,
                     "an event goes out without an offset: %s", sio_err_message(err));
}
