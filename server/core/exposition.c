#include "core/exposition.h"

#include <inttypes.h>
#include <string.h>

#include <sio/sys/value.h>

#include "core/histogram.h"

static const char *const type_names[] = {
    [SIO_METRIC_GAUGE] = "gauge",
    [SIO_METRIC_COUNTER] = "counter",
    [SIO_METRIC_HISTOGRAM] = "histogram",
};

/* OpenMetrics calls a counter by what stands before "_total". */
static sio_str family_of(const sio_metric *metric, bool open)
{
    static const char total[] = "_total";
    const size_t len = strlen(metric->name), tail = sizeof(total) - 1;
    const bool cut = open && metric->type == SIO_METRIC_COUNTER && len > tail &&
                     strcmp(metric->name + len - tail, total) == 0;
    return (sio_str){ metric->name, cut ? len - tail : len };
}

/* The one escapes the quote where the other knows none. */
static void write_escaped(sio_buf *out, const char *text, bool quote)
{
    for (; *text; text++) {
        if (*text == '\\' || (*text == '"' && quote))
            sio_buf_byte(out, '\\');
        if (*text == '\n')
            sio_buf_text(out, "\\n");
        else
            sio_buf_byte(out, *text);
    }
}

static void write_head(sio_buf *out, const sio_metric *metric, bool open)
{
    const sio_str family = family_of(metric, open);
    sio_buf_text(out, "# HELP ");
    sio_buf_append(out, family.data, family.len);
    sio_buf_byte(out, ' ');
    write_escaped(out, metric->help, open);
    sio_buf_text(out, "\n# TYPE ");
    sio_buf_append(out, family.data, family.len);
    sio_buf_printf(out, " %s\n", type_names[metric->type]);
}

/* The application's locale has no say in it. */
static void write_number(sio_buf *out, double number)
{
    char text[SIO_NUMBER_SIZE];
    sio_buf_append(out, text, sio_number_text(text, number));
    sio_buf_byte(out, '\n');
}

/* OpenMetrics writes whole bounds with a fraction. */
static void write_bucket(sio_buf *out, const char *name, const char *bound, uint64_t count,
                         bool open)
{
    const char *fraction = open && bound && !strchr(bound, '.') ? ".0" : "";
    sio_buf_printf(out, "%s_bucket{le=\"%s%s\"} %" PRIu64 "\n", name, bound ? bound : "+Inf",
                   fraction, count);
}

static void write_histogram(sio_buf *out, const sio_metric *metric, bool open)
{
    const sio_histogram *histogram = metric->histogram;
    uint64_t count = 0;
    for (unsigned i = 0; i <= SIO_HISTOGRAM_BOUNDS; i++)
        write_bucket(out, metric->name, sio_histogram_bound_text(i), count += histogram->counts[i],
                     open);
    sio_buf_printf(out, "%s_sum %" PRIu64 ".%09u\n", metric->name, histogram->sum_ns / 1000000000,
                   (unsigned)(histogram->sum_ns % 1000000000));
    sio_buf_printf(out, "%s_count %" PRIu64 "\n", metric->name, count);
}

static void write_sample(sio_buf *out, const sio_metric *metric)
{
    sio_buf_text(out, metric->name);
    if (metric->label) {
        sio_buf_printf(out, "{%s=\"", metric->label);
        write_escaped(out, metric->label_value, true);
        sio_buf_text(out, "\"}");
    }
    sio_buf_byte(out, ' ');
    write_number(out, metric->value);
}

void sio_exposition_metric(sio_buf *out, const sio_metric *metric, bool first, bool open)
{
    if (first)
        write_head(out, metric, open);
    if (metric->type == SIO_METRIC_HISTOGRAM)
        write_histogram(out, metric, open);
    else
        write_sample(out, metric);
}

typedef struct page {
    sio_buf *out;
    const char *name; /* of the metric before */
    bool open;
} page;

static void write_each(const sio_metric *metric, void *data)
{
    page *self = data;
    sio_exposition_metric(self->out, metric, metric->name != self->name, self->open);
    self->name = metric->name;
}

void sio_exposition_write(sio_buf *out, const sio_server *server, bool open)
{
    page self = { .out = out, .open = open };
    sio_server_metrics_each(server, write_each, &self);
    if (open)
        sio_buf_text(out, "# EOF\n");
}
