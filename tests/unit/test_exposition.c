#include "exposition.h"

#include "core/exposition.h"
#include "core/histogram.h"
#include "net/accept.h"

static void expect(const sio_metric *metric, bool open, const char *text)
{
    sio_buf out = { 0 };
    sio_exposition_metric(&out, metric, true, open);
    sio_buf_byte(&out, '\0');
    assert_int_equal(out.err, 0);
    assert_string_equal(out.data, text);
    sio_buf_free(&out);
}

static void a_counter_is_named_in_two_ways(void **state)
{
    const sio_metric metric = {
        .name = "sio_events_total", .help = "All of them.", .type = SIO_METRIC_COUNTER, .value = 3
    };
    (void)state;
    expect(&metric, false,
           "# HELP sio_events_total All of them.\n# TYPE sio_events_total counter\n"
           "sio_events_total 3\n");
    expect(&metric, true,
           "# HELP sio_events All of them.\n# TYPE sio_events counter\nsio_events_total 3\n");
}

static void numbers_are_exact(void **state)
{
    static const struct {
        double value;
        const char *text;
    } numbers[] = {
        { 0, "0" },
        { 0.25, "0.25" },
        { 1e6, "1000000" },
        { 9007199254740991.0, "9007199254740991" },
        { 1795823872.5, "1795823872.5" },
    };
    char text[200];
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        snprintf(text, sizeof(text), "# HELP g G.\n# TYPE g gauge\ng %s\n", numbers[i].text);
        expect(&(sio_metric){ .name = "g", .help = "G.", .value = numbers[i].value }, false, text);
    }
}

static void labels_and_help_are_escaped(void **state)
{
    const sio_metric metric = {
        .name = "g", .help = "a \"b\\\n", .label = "v", .label_value = "1\"\\\n2"
    };
    (void)state;
    expect(&metric, false, "# HELP g a \"b\\\\\\n\n# TYPE g gauge\ng{v=\"1\\\"\\\\\\n2\"} 0\n");
    expect(&metric, true, "# HELP g a \\\"b\\\\\\n\n# TYPE g gauge\ng{v=\"1\\\"\\\\\\n2\"} 0\n");
}

static const exposition *read_histogram(const sio_histogram *histogram, bool open)
{
    sio_buf out = { 0 };
    sio_exposition_metric(
        &out,
        &(sio_metric){
            .name = "h", .help = "H.", .type = SIO_METRIC_HISTOGRAM, .histogram = histogram },
        true, open);
    if (open)
        sio_buf_text(&out, "# EOF\n");
    sio_buf_byte(&out, '\0');
    const exposition *page = exposition_read(out.data, open);
    sio_buf_free(&out);
    return page;
}

static void histograms_are_cumulative(void **state)
{
    sio_histogram histogram = { 0 };
    (void)state;
    sio_histogram_add(&histogram, 250000); /* a bound belongs to what is below it */
    sio_histogram_add(&histogram, 250001);
    sio_histogram_add(&histogram, UINT64_C(11000000000));
    for (int open = 0; open <= 1; open++) {
        const exposition *page = read_histogram(&histogram, open);
        assert_true(exposition_value(page, "h_bucket", "le=\"0.00025\"") == 1);
        assert_true(exposition_value(page, "h_bucket", "le=\"0.0005\"") == 2);
        assert_true(exposition_value(page, "h_bucket", open ? "le=\"10.0\"" : "le=\"10\"") == 2);
        assert_true(exposition_value(page, "h_bucket", "le=\"+Inf\"") == 3);
        assert_true(exposition_value(page, "h_sum", "") == 11.000500001);
        free((void *)(uintptr_t)page);
    }
}

static void bounds_grow(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SIO_HISTOGRAM_BOUNDS; i++) {
        assert_true(sio_histogram_bound(i) > (i ? sio_histogram_bound(i - 1) : 0));
        assert_true(strtod(sio_histogram_bound_text(i), NULL) == sio_histogram_bound(i));
    }
    assert_null(sio_histogram_bound_text(SIO_HISTOGRAM_BOUNDS));
    assert_true(sio_histogram_bound(SIO_HISTOGRAM_BOUNDS) == 0);
}

static uint64_t count_of(const sio_histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= SIO_HISTOGRAM_BOUNDS; i++)
        count += histogram->counts[i];
    return count;
}

/* One second late with an interval of 100 ms: 1.0 s, 0.9 s, … 0.1 s, and no more for a stall of a
 * day than there are. */
static void a_long_stall_weighs_as_much_as_it_lasted(void **state)
{
    sio_histogram histogram = { 0 };
    (void)state;
    sio_histogram_add_late(&histogram, 1000000000, 100000000);
    assert_int_equal(count_of(&histogram), 10);
    assert_int_equal(histogram.sum_ns, 5500000000u);
    sio_histogram_add_late(&histogram, 100000, 100000000);
    assert_int_equal(count_of(&histogram), 11);
    histogram = (sio_histogram){ 0 };
    sio_histogram_add_late(&histogram, UINT64_C(86400000000000), 100000000);
    assert_int_equal(count_of(&histogram), 1000);
}

static void who_asks_for_open_metrics_gets_it(void **state)
{
    static const struct {
        const char *accept;
        bool open;
    } cases[] = {
        { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
          "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
          true },
        { "application/openmetrics-text", true },
        { "Application/OpenMetrics-Text; q=0.5, text/plain; q=0.5", true },
        { "application/openmetrics-text; q=0.4, text/plain; q=0.5", false },
        { "application/openmetrics-text; q=0", false },
        { "application/openmetrics-texts", false },
        { "text/plain; version=0.0.4", false },
        { "*/*", false },
        { "", false },
        { ",;=,q;", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(sio_accept_open_metrics(sio_str_from(cases[i].accept)), cases[i].open);
    assert_false(sio_accept_open_metrics((sio_str){ NULL, 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_is_named_in_two_ways),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(labels_and_help_are_escaped),
        cmocka_unit_test(histograms_are_cumulative),
        cmocka_unit_test(bounds_grow),
        cmocka_unit_test(a_long_stall_weighs_as_much_as_it_lasted),
        cmocka_unit_test(who_asks_for_open_metrics_gets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
