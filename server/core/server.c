#include "core/server.h"

#include <assert.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/client.h"
#include "core/namespace.h"
#include "core/next.h"
#include "core/options.h"
#include "core/order.h"
#include "core/parent.h"
#include "core/question.h"
#include "core/recovery.h"
#include "core/room_events.h"
#include "core/service.h"

/* ---- life ---- */

static sio_str client_key(const void *object)
{
    const sio_client *client = object;
    return sio_str_from(client->sid);
}

static void init_lists(sio_server *server)
{
    sio_map_init(&server->clients, client_key, server->seed);
    sio_map_init(&server->namespaces, sio_namespace_key, server->seed);
    sio_list_init(&server->dirty);
    sio_list_init(&server->doomed);
    sio_list_init(&server->questions);
    sio_list_init(&server->settled);
    sio_list_init(&server->services);
    sio_list_init(&server->heard);
    sio_list_init(&server->nexts);
    sio_list_init(&server->created);
    sio_list_init(&server->families);
    sio_list_init(&server->vacant);
    sio_deadlines_init(&server->pings, server->engine.ping_interval_ms);
    sio_deadlines_init(&server->pongs, server->engine.ping_timeout_ms);
    sio_deadlines_init(&server->silences,
                       (uint64_t)server->engine.ping_interval_ms + server->engine.ping_timeout_ms);
    sio_deadlines_init(&server->connects, server->connect_timeout_ms);
    sio_deadlines_init(&server->probes, server->engine.upgrade_timeout_ms);
    sio_deadlines_init(&server->farewells, SIO_LIMIT_CLOSE_MS);
}

static int init(sio_server *server)
{
    init_lists(server);
    server->ping = sio_frame_new_packet(SIO_EIO_PING, SIO_STR(""));
    server->pong = sio_frame_new_packet(SIO_EIO_PONG, SIO_STR(""));
    server->noop = sio_frame_new_packet(SIO_EIO_NOOP, SIO_STR(""));
    if (!server->ping || !server->pong || !server->noop || !sio_server_of(server, "/"))
        return SIO_ENOMEM;
    return 0;
}

static int init_deflate(sio_server *server, const sio_deflate_options *options)
{
    if (!options->enable)
        return 0;
    const sio_ws_deflate_config config = sio_options_deflate(options);
    const int err = sio_ws_deflater_new(&server->deflater, &config);
    return err ? err : sio_ws_inflater_new(&server->inflater);
}

int sio_core_new(sio_server **out, const sio_server_options *options, const sio_net_ops *ops,
                 void *net, uint64_t now)
{
    sio_server *server = sio_mem_zalloc(sizeof(*server));
    if (!server)
        return SIO_ENOMEM;
    int err = sio_options_apply(server, options);
    if (err) {
        sio_mem_free(server);
        return err;
    }
    server->net_ops = ops;
    server->net = net;
    server->now = now;
    server->armed = UINT64_MAX;
    ops->random(net, server->seed, sizeof(server->seed));
    if ((err = init(server)) || (err = init_deflate(server, &options->per_message_deflate)) ||
        (err = sio_recovery_init(server, &options->connection_state_recovery))) {
        sio_core_free(server);
        return err;
    }
    *out = server;
    return 0;
}

void sio_core_free(sio_server *server)
{
    assert(sio_core_idle(server));
    size_t at = 0;
    sio_namespace *nsp;
    sio_order_free(server);
    sio_next_drop_all(server);
    sio_room_events_drop_all(server);
    while ((nsp = sio_map_next(&server->namespaces, &at)))
        sio_namespace_unref(nsp);
    sio_family_free_all(server);
    sio_recovery_end(server);
    sio_map_free(&server->namespaces);
    sio_map_free(&server->clients);
    sio_timers_free(&server->timeouts);
    sio_arena_free(&server->arena);
    sio_arena_free(&server->spare);
    sio_frame_unref(server->ping);
    sio_frame_unref(server->pong);
    sio_frame_unref(server->noop);
    sio_frame_unref(server->initial);
    sio_ws_deflater_free(server->deflater);
    sio_ws_inflater_free(server->inflater);
    sio_mem_free(server);
}

void sio_core_close(sio_server *server)
{
    size_t at = 0;
    sio_client *client;
    sio_order_settle(server);
    server->closing = true;
    while ((client = sio_map_next(&server->clients, &at)))
        sio_client_mark(client);
    sio_questions_close(server);
    sio_services_close(server);
    sio_core_rearm(server);
}

/* ---- time ---- */

static uint64_t earliest(const sio_server *server)
{
    const sio_deadlines *queues[] = { &server->pings,    &server->pongs,  &server->silences,
                                      &server->connects, &server->probes, &server->farewells };
    uint64_t due = sio_timers_next(&server->timeouts);
    for (size_t i = 0; i < sizeof(queues) / sizeof(*queues); i++) {
        const uint64_t next = sio_deadlines_next(queues[i]);
        if (next < due)
            due = next;
    }
    const uint64_t departure = sio_departures_next(server);
    const uint64_t expiry = sio_recovery_due(server);
    if (departure < due)
        due = departure;
    return expiry < due ? expiry : due;
}

void sio_core_rearm(sio_server *server)
{
    const uint64_t due = earliest(server);
    if (due == server->armed)
        return;
    server->armed = due;
    server->net_ops->arm(server->net, due);
}

static void tick_heartbeats(sio_server *server, sio_deadlines *queue)
{
    sio_deadline *deadline;
    while ((deadline = sio_deadlines_pop(queue, server->now))) {
        sio_client *client = SIO_CONTAINER(deadline, sio_client, heartbeat);
        sio_client_act(client, sio_eio_session_tick(&client->session), NULL);
    }
}

void sio_core_tick(sio_server *server, uint64_t now)
{
    sio_deadline *deadline;
    sio_timer *timer;
    server->now = now;
    server->armed = UINT64_MAX;
    tick_heartbeats(server, &server->pings);
    tick_heartbeats(server, &server->pongs);
    tick_heartbeats(server, &server->silences);
    while ((deadline = sio_deadlines_pop(&server->connects, now))) {
        server->stats.never_joined++;
        sio_client_shut(SIO_CONTAINER(deadline, sio_client, patience), "forced server close");
    }
    while ((deadline = sio_deadlines_pop(&server->probes, now)))
        sio_client_drop_probe(SIO_CONTAINER(deadline, sio_client, probing));
    while ((deadline = sio_deadlines_pop(&server->farewells, now)))
        sio_client_abort(SIO_CONTAINER(deadline, sio_client, patience), SIO_EIO_FORCED_CLOSE);
    while ((timer = sio_timers_pop(&server->timeouts, now)))
        timer->ring(timer);
    sio_departures_tick(server);
    sio_recovery_tick(server);
    sio_core_rearm(server);
}

/* ---- shared means ---- */

void sio_core_id(sio_server *server, char out[21])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t bytes[20];
    server->net_ops->random(server->net, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        out[i] = digits[bytes[i] & 63];
    out[sizeof(bytes)] = '\0';
}

sio_arena sio_core_borrow(sio_server *server)
{
    const sio_arena arena = server->spare;
    server->spare = (sio_arena){ 0 };
    return arena;
}

void sio_core_give_back(sio_server *server, sio_arena *arena)
{
    sio_arena_free(&server->spare);
    sio_arena_reset(arena);
    server->spare = *arena;
}

static uint64_t count_rooms(const sio_server *server)
{
    size_t at = 0;
    uint64_t count = 0;
    const sio_namespace *nsp;
    while ((nsp = sio_map_next(&server->namespaces, &at)))
        count += sio_rooms_named(nsp->rooms);
    return count;
}

void sio_server_stats_get(const sio_server *server, sio_server_stats *out)
{
    *out = server->stats;
    out->events_out += out->deliveries;
    out->namespaces = server->namespaces.count;
    out->rooms = count_rooms(server);
    if (server->net_ops->traffic)
        server->net_ops->traffic(server->net, &out->bytes_in, &out->bytes_out);
    out->deflated = server->deflater ? sio_ws_deflater_count(server->deflater) : 0;
    if (server->adapter)
        server->adapter->ops->stats(server->adapter, &out->cluster);
    if (server->recovery)
        sio_recovery_stats_get(server, out);
}

void sio_server_log_filter(sio_server *server, const sio_log_filter *filter)
{
    sio_logger_filter(&server->logger, filter);
}
