#include "load/report.h"

#include <stdio.h>

typedef struct figure {
    const char *name; /* in JSON */
    const char *text; /* in the table; with its unit */
    double value;
    int decimals;
} figure;

#define FIGURES_MAX 48

typedef struct figures {
    figure items[FIGURES_MAX];
    unsigned count;
} figures;

static void add(figures *list, const char *name, const char *text, double value, int decimals)
{
    list->items[list->count++] = (figure){ name, text, value, decimals };
}

static double seconds(const bench_moment *from, const bench_moment *to)
{
    return (double)(to->ns - from->ns) / 1e9;
}

/* Memory may also shrink. */
static double grown(uint64_t from, uint64_t to)
{
    return (double)to - (double)from;
}

static void add_connecting(figures *list, const bench_run *run)
{
    double clients = run->options->clients;

    add(list, "clients", "clients", clients, 0);
    add(list, "joins_per_second", "joins a second", clients / seconds(&run->start, &run->connected),
        0);
    if (run->options->pid_count)
        add(list, "cpu_us_per_join", "us CPU of the server per join",
            grown(run->start.server.cpu_ns, run->connected.server.cpu_ns) / 1e3 / clients, 2);
    const bench_histogram *joined = &run->swarm.joined;
    add(list, "join_p50_us", "us to join, half of all",
        (double)bench_histogram_at(joined, 0.5) / 1e3, 0);
    add(list, "join_p99_us", "us to join, 99 %", (double)bench_histogram_at(joined, 0.99) / 1e3, 0);
    add(list, "join_max_us", "us to join, the slowest", (double)joined->max / 1e3, 0);
}

static void add_memory(figures *list, const bench_run *run)
{
    const bench_process *before = &run->start.server, *after = &run->end.server;
    double clients = run->options->clients;

    if (!run->options->pid_count)
        return;
    add(list, "rss_before_bytes", "bytes resident before", (double)before->rss_bytes, 0);
    add(list, "rss_bytes", "bytes resident after", (double)after->rss_bytes, 0);
    add(list, "pss_bytes", "bytes resident after, in proportion", (double)after->pss_bytes, 0);
    add(list, "rss_bytes_per_client", "bytes resident per client",
        grown(before->rss_bytes, after->rss_bytes) / clients, 0);
    add(list, "pss_bytes_per_client", "bytes per client, in proportion",
        grown(before->pss_bytes, after->pss_bytes) / clients, 0);
}

static void add_messages(figures *list, const bench_run *run, double time, double server)
{
    double count = (double)(run->end.finished - run->begin.finished);
    double noises = (double)(run->end.noises - run->begin.noises);

    add(list, "messages", "messages", count, 0);
    add(list, "messages_per_second", "messages a second", count / time, 0);
    if (run->options->pid_count && count > 0)
        add(list, "cpu_us_per_message", "us CPU of the server per message", server / 1e3 / count,
            3);
    if (noises > 0)
        add(list, "noise_per_second", "messages a second for rooms elsewhere", noises / time, 0);
    if (run->options->pid_count && noises > 0)
        add(list, "cpu_us_per_noise", "us CPU of the server per message for a room elsewhere",
            server / 1e3 / noises, 4);
    if (run->options->rate) {
        add(list, "rate", "messages a second that were due", run->options->rate, 0);
        add(list, "behind_ms", "ms that messages wait to be sent, at the end",
            (double)run->late_ns / 1e6, 1);
    }
}

static void add_deliveries(figures *list, const bench_run *run)
{
    double time = seconds(&run->begin, &run->end);
    double count = (double)(run->end.deliveries - run->begin.deliveries);
    double server = grown(run->begin.server.cpu_ns, run->end.server.cpu_ns);
    double own = grown(run->begin.own_cpu_ns, run->end.own_cpu_ns);

    add(list, "payload", "bytes of payload", run->options->payload, 0);
    add(list, "in_flight", "messages in flight at most", run->options->in_flight, 0);
    add(list, "seconds", "seconds measured", time, 2);
    add_messages(list, run, time, server);
    add(list, "deliveries", "deliveries", count, 0);
    if (run->options->deflate)
        add(list, "deflated_share", "share of all deliveries that came deflated",
            (double)run->swarm.deflated / (double)run->ledger.deliveries, 3);
    add(list, "deliveries_per_second", "deliveries a second", count / time, 0);
    if (count > 0) /* finer than messages a second, which ends with the last client of each */
        add(list, "rate_reached", "messages a second, by deliveries",
            count / time * (double)run->ledger.published / (double)run->ledger.expected, 2);
    if (run->options->pid_count && count > 0) {
        add(list, "cpu_us_per_delivery", "us CPU of the server per delivery", server / 1e3 / count,
            4);
        add(list, "cpu_share", "CPUs the server used", server / 1e9 / time, 3);
    }
    add(list, "own_cpu_share", "CPUs this generator used", own / 1e9 / time, 3);
}

static void add_latency(figures *list, const bench_run *run)
{
    const bench_histogram *latency = &run->ledger.latency;

    add(list, "p50_us", "us late, half of all", (double)bench_histogram_at(latency, 0.5) / 1e3, 1);
    add(list, "p90_us", "us late, 90 %", (double)bench_histogram_at(latency, 0.9) / 1e3, 1);
    add(list, "p99_us", "us late, 99 %", (double)bench_histogram_at(latency, 0.99) / 1e3, 1);
    add(list, "p999_us", "us late, 99.9 %", (double)bench_histogram_at(latency, 0.999) / 1e3, 1);
    add(list, "max_us", "us late, the latest", (double)latency->max / 1e3, 1);
}

static void print_json(const figures *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        const figure *item = &list->items[i];

        (void)printf("%s\"%s\":%.*f", i ? "," : "{", item->name, item->decimals, item->value);
    }
    (void)puts("}");
}

static void print_table(const figures *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        const figure *item = &list->items[i];

        (void)printf("%14.*f  %s\n", item->decimals, item->value, item->text);
    }
}

void bench_report(const bench_run *run)
{
    figures list = { 0 };

    add_connecting(&list, run);
    if (!run->options->idle) {
        add_deliveries(&list, run);
        add_latency(&list, run);
    }
    add_memory(&list, run);
    if (run->options->json)
        print_json(&list);
    else
        print_table(&list);
}
