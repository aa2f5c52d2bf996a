#include "check.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/log.h>
#include <sio/sys/text.h>
#include <sio/value.h>

#define NOON INT64_C(1795867200123456) /* 2026-11-28T12:00:00.123456Z */

static char out[SIO_LOG_LINE_SIZE];

static sio_log_record record_of(const char *text, const sio_log_field *fields, size_t count)
{
    return (sio_log_record){ .time_us = NOON,
                             .level = SIO_LOG_INFO,
                             .category = SIO_LOG_NET,
                             .text = text,
                             .fields = fields,
                             .field_count = count };
}

static void expect(sio_log_format format, const sio_log_record *record, const char *line)
{
    const size_t len = sio_log_line(out, format, record);
    assert_string_equal(out, line);
    assert_int_equal(len, strlen(out));
}

static void one_record_in_three_forms(void **state)
{
    const sio_log_field fields[] = { { "client", "aBc-_1" }, { "namespace", "/a b" } };
    const sio_log_record record = record_of("it is \"here\"", fields, 2);
    (void)state;
    expect(SIO_LOG_TEXT, &record, "2026-11-28T12:00:00.123Z info net: it is \"here\"\n");
    expect(SIO_LOG_LOGFMT, &record,
           "time=2026-11-28T12:00:00.123Z level=info category=net message=\"it is \\\"here\\\"\" "
           "client=aBc-_1 namespace=\"/a b\"\n");
    expect(SIO_LOG_JSON, &record,
           "{\"time\":\"2026-11-28T12:00:00.123Z\",\"level\":\"info\",\"category\":\"net\","
           "\"message\":\"it is \\\"here\\\"\",\"client\":\"aBc-_1\",\"namespace\":\"/a b\"}\n");
}

static void what_stands_alone_needs_no_quotes(void **state)
{
    static const struct {
        const char *value;
        const char *written;
    } cases[] = {
        { "plain-/:._1", "plain-/:._1" }, { "", "\"\"" },           { "a=b", "\"a=b\"" },
        { "a\"b", "\"a\\\"b\"" },         { "a\\b", "\"a\\\\b\"" }, { "\xc3\xa9", "\"\xc3\xa9\"" },
        { "a\nb", "\"a\\u000ab\"" }
    };
    char line[200];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const sio_log_field field = { "event", cases[i].value };
        const sio_log_record record = record_of("x", &field, 1);
        snprintf(line, sizeof(line),
                 "time=2026-11-28T12:00:00.123Z level=info category=net message=x event=%s\n",
                 cases[i].written);
        expect(SIO_LOG_LOGFMT, &record, line);
    }
}

/* Read back by a parser of JSON: what was UTF-8 without controls of the second kind is as it was.
 */
static void expect_json(const char *text, const char *read)
{
    const sio_log_field field = { "event", text };
    const sio_log_record record = record_of(text, &field, 1);
    const size_t len = sio_log_line(out, SIO_LOG_JSON, &record);
    sio_value *value = NULL;
    assert_int_equal(out[len - 1], '\n');
    assert_null(memchr(out, '\n', len - 1));
    assert_true(sio_utf8_valid(out, len));
    assert_int_equal(sio_value_from_json(&value, out, len - 1), 0);
    assert_string_equal(sio_value_string(sio_value_get(value, "message"), NULL), read);
    assert_string_equal(sio_value_string(sio_value_get(value, "event"), NULL), read);
    sio_value_free(value);
}

static void hostile_texts_stay_in_their_line(void **state)
{
    (void)state;
    expect_json("\",\"level\":\"error", "\",\"level\":\"error");
    expect_json("}\n{\"level\":\"error\"}", "}\n{\"level\":\"error\"}");
    expect_json("\x1b[2J\r\n\t\b\x7f\x01", "\x1b[2J\r\n\t\b\x7f\x01");
    expect_json("\\u0000\\", "\\u0000\\");
    expect_json("caf\xc3\xa9 \xf0\x9f\x99\x82 \xe2\x80\xa8",
                "caf\xc3\xa9 \xf0\x9f\x99\x82 \xe2\x80\xa8");
    expect_json("\xff\xc3(\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd");
    expect_json("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    expect_json("a\xc2\x9b|", "a\xef\xbf\xbd\xef\xbf\xbd|");
}

static void people_see_one_line(void **state)
{
    const sio_log_record record = record_of("a\nb\x1b[0m\xff", NULL, 0);
    (void)state;
    expect(SIO_LOG_TEXT, &record, "2026-11-28T12:00:00.123Z info net: a b [0m\xef\xbf\xbd\n");
}

/* Whatever is in it, and as much of it as can be: it fits, and it is JSON. */
static void everything_fits(void **state)
{
    static char text[20000];
    static const char *const fills[] = { "x", "\x01", "\xff", "\"", "\xf0\x9f\x99\x82" };
    sio_log_field fields[SIO_LOG_FIELDS + 3];
    (void)state;
    for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
        for (size_t len = 0; len + 8 < sizeof(text); len += strlen(fills[i]))
            strcpy(text + len, fills[i]);
        for (size_t k = 0; k < sizeof(fields) / sizeof(*fields); k++)
            fields[k] = (sio_log_field){ "namespace", text };
        const sio_log_record record = record_of(text, fields, sizeof(fields) / sizeof(*fields));
        for (int format = SIO_LOG_TEXT; format <= SIO_LOG_JSON; format++) {
            const size_t len = sio_log_line(out, (sio_log_format)format, &record);
            sio_value *value = NULL;
            assert_true(len < SIO_LOG_LINE_SIZE);
            assert_true(sio_utf8_valid(out, len));
            if (format == SIO_LOG_JSON)
                assert_int_equal(sio_value_from_json(&value, out, len - 1), 0);
            sio_value_free(value);
        }
    }
}

static void times_are_of_the_calendar(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } times[] = {
        { 0, "1970-01-01T00:00:00.000Z" },
        { 999, "1970-01-01T00:00:00.000Z" },
        { -1000, "1969-12-31T23:59:59.999Z" },
        { INT64_C(951782399999000), "2000-02-28T23:59:59.999Z" },
        { INT64_C(951782400000000), "2000-02-29T00:00:00.000Z" },
        { INT64_C(1709164800000000), "2024-02-29T00:00:00.000Z" },
        { INT64_C(1709251200000000), "2024-03-01T00:00:00.000Z" },
        { INT64_C(4107542400000000), "2100-03-01T00:00:00.000Z" },
        { INT64_C(1798761599999999), "2026-12-31T23:59:59.999Z" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        sio_log_record record = record_of("", NULL, 0);
        record.time_us = times[i].us;
        sio_log_line(out, SIO_LOG_TEXT, &record);
        assert_memory_equal(out, times[i].text, strlen(times[i].text));
    }
}

static void formats_have_names(void **state)
{
    sio_log_format format = SIO_LOG_JSON;
    (void)state;
    assert_int_equal(sio_log_format_parse(&format, NULL), 0);
    assert_int_equal(format, SIO_LOG_TEXT);
    assert_int_equal(sio_log_format_parse(&format, "logfmt"), 0);
    assert_int_equal(format, SIO_LOG_LOGFMT);
    assert_int_equal(sio_log_format_parse(&format, "json"), 0);
    assert_int_equal(format, SIO_LOG_JSON);
    assert_int_equal(sio_log_format_parse(&format, ""), 0);
    assert_int_equal(format, SIO_LOG_TEXT);
    assert_int_equal(sio_log_format_parse(&format, "JSON"), SIO_EINVAL);
    assert_int_equal(sio_log_format_parse(&format, "xml"), SIO_EINVAL);
    assert_int_equal(format, SIO_LOG_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_record_in_three_forms),
        cmocka_unit_test(what_stands_alone_needs_no_quotes),
        cmocka_unit_test(hostile_texts_stay_in_their_line),
        cmocka_unit_test(people_see_one_line),
        cmocka_unit_test(everything_fits),
        cmocka_unit_test(times_are_of_the_calendar),
        cmocka_unit_test(formats_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
