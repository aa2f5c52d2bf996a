#include "core/departures.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "core/client.h"

static uint64_t staying(const sio_server *server)
{
    return server->clients.count - server->leaving;
}

/* ---- when ---- */

/* Between 100 - jitter and 100 + jitter percent of it. */
static uint64_t vary(sio_server *server, uint64_t interval_us)
{
    const uint32_t jitter = server->departures.jitter;
    uint32_t random;
    server->net_ops->random(server->net, &random, sizeof(random));
    return interval_us * (100 - jitter + random % (2 * jitter + 1)) / 100;
}

/* Counted from the step before, not from when it was taken: a turn of the loop that was late is
 * made up for. */
static void plan_next(sio_server *server)
{
    sio_departures *plan = &server->departures;
    const uint64_t end_us = plan->deadline * 1000, count = staying(server);
    const uint64_t left_us = end_us > plan->next_us ? end_us - plan->next_us : 0;
    uint64_t interval_us = count ? left_us / count : 0;
    if (plan->per_second && interval_us > 1000000 / plan->per_second)
        interval_us = 1000000 / plan->per_second;
    interval_us = vary(server, interval_us);
    plan->next_us = interval_us < left_us ? plan->next_us + interval_us : end_us;
}

uint64_t sio_departures_next(const sio_server *server)
{
    const sio_departures *plan = &server->departures;
    if (!plan->running || server->closing || server->now >= plan->deadline)
        return UINT64_MAX;
    const uint64_t next = (plan->next_us + 999) / 1000;
    return staying(server) && next < plan->deadline ? next : plan->deadline;
}

bool sio_departures_over(const sio_server *server)
{
    const sio_departures *plan = &server->departures;
    return plan->running && !server->closing &&
           (server->clients.count == 0 || (server->now >= plan->deadline && !staying(server)));
}

/* ---- who ---- */

static sio_client *pick(sio_server *server)
{
    sio_client *client;
    for (int round = 0; round < 2; round++) {
        while ((client = sio_map_next(&server->clients, &server->departures.at)))
            if (!client->closing)
                return client;
        server->departures.at = 0;
    }
    return NULL;
}

/* Handlers run, which may end other clients, the server, or begin the drain anew. */
static bool let_one_go(sio_server *server)
{
    sio_client *client = pick(server);
    if (!client)
        return false;
    server->departures.let_go++;
    server->stats.drained++;
    sio_client_shut(client, "server shutting down");
    return true;
}

static void report(sio_server *server)
{
    const sio_departures *plan = &server->departures;
    const uint64_t left = plan->deadline > server->now ? plan->deadline - server->now : 0;
    const sio_drain_progress progress = { .let_go = plan->let_go,
                                          .left = staying(server),
                                          .left_ms = (uint32_t)left };
    if (!plan->on_progress)
        return;
    sio_core_enter(server);
    plan->on_progress(server, &progress, plan->data);
    sio_core_leave(server);
}

/* At the deadline all the rest goes at once. */
void sio_departures_tick(sio_server *server)
{
    sio_departures *plan = &server->departures;
    bool moved = false;
    while (plan->running && !server->closing && staying(server) > 0) {
        const bool last = server->now >= plan->deadline;
        if (!last && plan->next_us > server->now * 1000)
            break;
        if (!let_one_go(server))
            break;
        moved = true;
        if (!last)
            plan_next(server);
    }
    if (moved && !server->closing)
        report(server);
    if (sio_departures_over(server))
        sio_core_wake(server);
}

/* ---- beginning ---- */

int sio_departures_check(const sio_drain_options *options, const char **why)
{
    if (options->jitter > 100)
        *why = "drain.jitter is above 100";
    else if (options->per_second > 1000000)
        *why = "drain.per_second is above 1000000";
    else if (options->deadline_ms > INT32_MAX)
        *why = "drain.deadline_ms is above 2147483647";
    else
        return 0;
    return SIO_EINVAL;
}

int sio_departures_begin(sio_server *server, const sio_drain_options *options)
{
    static const sio_drain_options defaults;
    const char *why;
    if (!options)
        options = &defaults;
    int err = sio_departures_check(options, &why);
    if (!err && server->closing) {
        why = "the server is closing";
        err = SIO_ECLOSED;
    }
    if (err)
        return sio_core_fail(server, err, SIO_LOG_SERVER, "cannot drain: %s", why);
    const uint32_t ms = options->deadline_ms ? options->deadline_ms : SIO_LIMIT_DRAIN_MS;
    const uint64_t now = sio_core_now(server);
    sio_departures *plan = &server->departures;
    plan->running = true;
    plan->deaf = plan->deaf || !options->keep_listening;
    plan->per_second = options->per_second;
    plan->jitter = options->jitter ? options->jitter : 50;
    plan->deadline = now + ms;
    plan->next_us = now * 1000;
    plan->on_progress = options->on_progress;
    plan->data = options->data;
    plan_next(server);
    SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_SERVER, "draining %zu clients within %u ms",
                 (size_t)staying(server), ms);
    sio_core_rearm(server);
    sio_core_wake(server);
    return 0;
}
