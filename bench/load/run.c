#include "load/run.h"

#include <stdio.h>
#include <sys/resource.h>

#define WATCH_MS    500
#define SETTLE_MS   2000
#define SPARE_FILES 64

static void close_all(bench_run *run)
{
    if (run->phase == BENCH_OVER)
        return;
    run->phase = BENCH_OVER;
    bench_swarm_close(&run->swarm);
    bench_publisher_close(&run->publisher);
    bench_pace_close(&run->pace);
    uv_close((uv_handle_t *)&run->timer, NULL);
    uv_close((uv_handle_t *)&run->watchdog, NULL);
}

static void on_failure(const char *text, void *data)
{
    bench_run *run = data;

    if (!run->failure[0])
        (void)snprintf(run->failure, sizeof run->failure, "%s", text);
    close_all(run);
}

static uint64_t own_cpu_ns(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * UINT64_C(1000000000) +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static void note(bench_run *run, bench_moment *out)
{
    out->ns = uv_hrtime();
    out->deliveries = run->ledger.deliveries;
    out->own_cpu_ns = own_cpu_ns();
    out->finished = run->ledger.finished;
    out->noises = run->publisher.noises;
    out->server = (bench_process){ 0 };
    for (unsigned i = 0; i < run->options->pid_count; i++) {
        bench_process one;

        if (bench_process_read(&one, run->options->pids[i])) {
            on_failure("the process of --pid is gone", run);
            return;
        }
        out->server.cpu_ns += one.cpu_ns;
        out->server.rss_bytes += one.rss_bytes;
        out->server.pss_bytes += one.pss_bytes;
    }
}

/* ---- phases, each begun by the end of the one before ---- */

static void send_one(bench_run *run, uint64_t when)
{
    const bench_traffic traffic = run->options->traffic;
    uint32_t room = bench_audience_choose(&run->audience);
    uint64_t sequence = bench_ledger_publish(&run->ledger, room, traffic == BENCH_SAY,
                                             traffic == BENCH_SURVEY, when);

    if (traffic == BENCH_ACK)
        bench_swarm_say(&run->swarm, room, room, sequence);
    else if (bench_options_unordered(run->options))
        bench_swarm_say(&run->swarm, bench_audience_speaker(&run->audience, room), room, sequence);
    else
        bench_publisher_publish(&run->publisher, bench_swarm_room(&run->swarm, room), sequence);
}

static bool is_sending(const bench_run *run)
{
    return run->phase == BENCH_WARMING || run->phase == BENCH_MEASURING;
}

/* As many as there is room for in flight; at a fixed rate, of those that are due. What had to wait
 * counts from when it was due: a server that stalls does not make its own load lighter. */
static void send_more(bench_run *run)
{
    bench_pace *pace = &run->pace;

    while (is_sending(run) && !bench_ledger_full(&run->ledger)) {
        const uint64_t now = uv_hrtime();

        if (run->options->rate && pace->due > now) {
            bench_pace_arm(pace);
            return;
        }
        send_one(run, run->options->rate ? pace->due : now);
        if (run->options->rate) {
            if (run->ledger.in_flight == 1)
                bench_inlet_expect(&run->swarm.inlet);
            bench_pace_next(pace);
        }
    }
}

static void on_due(void *data)
{
    send_more(data);
}

/* Not before a message has reached all: a server that stalled all the time has not been measured.
 */
static void end_measuring(uv_timer_t *timer)
{
    bench_run *run = timer->data;

    if (run->ledger.finished == run->begin.finished) {
        uv_timer_start(timer, end_measuring, run->options->measure_ms, 0);
        return;
    }
    run->phase = BENCH_DRAINING;
    run->ledger.measuring = false;
    note(run, &run->end);
    if (run->options->rate && run->end.ns > run->pace.due)
        run->late_ns = run->end.ns - run->pace.due;
    if (!run->ledger.in_flight)
        close_all(run);
}

static void end_warming(uv_timer_t *timer)
{
    bench_run *run = timer->data;

    run->phase = BENCH_MEASURING;
    run->ledger.measuring = true;
    note(run, &run->begin);
    uv_timer_start(timer, end_measuring, run->options->measure_ms, 0);
}

static void end_settling(uv_timer_t *timer)
{
    bench_run *run = timer->data;

    note(run, &run->end);
    close_all(run);
}

static void on_clients_ready(void *data)
{
    bench_run *run = data;

    note(run, &run->connected);
    if (run->phase == BENCH_OVER)
        return;
    if (run->options->idle) {
        run->phase = BENCH_SETTLING;
        uv_timer_start(&run->timer, end_settling, SETTLE_MS, 0);
        return;
    }
    run->phase = BENCH_WARMING;
    uv_timer_start(&run->timer, end_warming, run->options->warmup_ms, 0);
    if (run->options->rate) {
        if (!bench_options_speaking(run->options))
            bench_inlet_calm(&run->swarm.inlet, (uint64_t)run->pace.interval / 2);
        bench_pace_start(&run->pace);
    } else
        send_more(run);
}

static void on_finished(void *data)
{
    bench_run *run = data;

    if (is_sending(run))
        send_more(run);
    else if (run->phase == BENCH_DRAINING && !run->ledger.in_flight)
        close_all(run);
}

static void on_redis_ready(void *data)
{
    bench_run *run = data;

    note(run, &run->start);
    bench_swarm_open(&run->swarm);
}

static void on_watch(uv_timer_t *timer)
{
    bench_run *run = timer->data;
    uint64_t progress = run->swarm.ready + run->ledger.deliveries;
    char text[160];

    run->quiet_ms =
        progress == run->progress && run->phase != BENCH_SETTLING ? run->quiet_ms + WATCH_MS : 0;
    run->progress = progress;
    if (run->quiet_ms < run->options->patience_ms)
        return;
    (void)snprintf(text, sizeof text,
                   "nothing has come for %g s: %u of %u clients are ready, %u messages have not "
                   "reached all",
                   run->options->patience_ms / 1e3, run->swarm.ready, run->options->clients,
                   run->ledger.in_flight);
    on_failure(text, run);
}

/* ---- begin and end ---- */

static int allow_files(bench_run *run)
{
    struct rlimit limit;
    rlim_t wanted = run->options->clients + SPARE_FILES;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted)
        return 0;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (limit.rlim_max >= wanted && !setrlimit(RLIMIT_NOFILE, &limit))
        return 0;
    (void)snprintf(run->failure, sizeof run->failure,
                   "%u clients need %llu open files, this user may have %llu: raise the hard limit "
                   "(ulimit -Hn) or take fewer clients",
                   run->options->clients, (unsigned long long)wanted,
                   (unsigned long long)limit.rlim_max);
    return -1;
}

static void begin(bench_run *run)
{
    const bench_options *options = run->options;

    run->swarm = (bench_swarm){ .loop = &run->loop,
                                .options = options,
                                .ledger = &run->ledger,
                                .on_ready = on_clients_ready,
                                .on_finished = on_finished,
                                .on_failure = on_failure,
                                .data = run };
    run->publisher = (bench_publisher){ .loop = &run->loop,
                                        .options = options,
                                        .on_ready = on_redis_ready,
                                        .on_failure = on_failure,
                                        .data = run };
    run->pace = (bench_pace){ .fd = -1, .on_due = on_due, .data = run };
    if (bench_audience_init(&run->audience, options) ||
        bench_ledger_init(&run->ledger, &run->audience, options->in_flight,
                          bench_options_unordered(options)))
        on_failure("out of memory", run);
    else if (bench_options_unordered(options) &&
             (run->audience.smallest < 2 || run->audience.largest > BENCH_ROOM_MAX))
        on_failure("--traffic say takes rooms of 2 to 1000 clients each, survey as many clients",
                   run);
    else if (options->rate && bench_pace_init(&run->pace, &run->loop, options->rate))
        on_failure("no timer", run);
    else if (!bench_swarm_init(&run->swarm) && (options->idle || bench_options_speaking(options)))
        on_redis_ready(run);
    else if (run->phase != BENCH_OVER)
        (void)bench_publisher_open(&run->publisher);
}

int bench_run_do(bench_run *run, const bench_options *options)
{
    *run = (bench_run){ .options = options };
    if (allow_files(run))
        return -1;
    uv_loop_init(&run->loop);
    uv_timer_init(&run->loop, &run->timer);
    uv_timer_init(&run->loop, &run->watchdog);
    run->timer.data = run->watchdog.data = run;
    uv_timer_start(&run->watchdog, on_watch, WATCH_MS, WATCH_MS);
    begin(run);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_loop_close(&run->loop);
    return run->failure[0] ? -1 : 0;
}

void bench_run_free(bench_run *run)
{
    bench_ledger_free(&run->ledger);
    bench_audience_free(&run->audience);
    bench_swarm_free(&run->swarm);
    bench_publisher_free(&run->publisher);
}
