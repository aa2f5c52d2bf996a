/* Lines of the log: whatever stands in a record, each form is one line of UTF-8, that of logfmt is
 * pairs, and that of JSON an object that holds what it should. Input: six bytes of the time, then
 * the text and the values of fields, each up to a NUL. */
#include "fuzz.h"

#include <sio/log.h>
#include <sio/sys/text.h>

static const char *const names[SIO_LOG_FIELDS] = { "client", "transport", "address", "namespace",
                                                   "socket", "event",     "path",    "state" };

static char *text_of(sio_str bytes)
{
    char *text = malloc(bytes.len + 1);
    FUZZ_CHECK(text);
    if (bytes.len > 0)
        memcpy(text, bytes.data, bytes.len);
    text[bytes.len] = '\0';
    return text;
}

static const char *skip_quoted(const char *at)
{
    for (; *at != '"'; at++) {
        FUZZ_CHECK(*at && *at != '\n');
        if (*at == '\\')
            FUZZ_CHECK(*++at);
    }
    return at + 1;
}

static void check_pairs(const char *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        while (*at >= 'a' && *at <= 'z')
            at++;
        FUZZ_CHECK(*at++ == '=');
        if (*at == '"')
            at = skip_quoted(at + 1);
        else
            while (*at != ' ' && *at != '\n')
                FUZZ_CHECK(*at != '"' && *at != '=' && *at++);
        FUZZ_CHECK(*at == (i + 1 < count ? ' ' : '\n'));
        at++;
    }
    FUZZ_CHECK(!*at);
}

/* What is UTF-8 without controls of the second kind, and short enough, comes back as it was. */
static void check_value(const sio_value *object, const char *name, const char *value)
{
    const char *read = sio_value_string(sio_value_get(object, name), NULL);
    const size_t len = strlen(value);
    FUZZ_CHECK(read);
    if (len > 60 || !sio_utf8_valid(value, len) || memchr(value, 0xc2, len))
        return;
    FUZZ_CHECK(strcmp(read, value) == 0);
}

static void check_json(const char *line, size_t len, const sio_log_record *record)
{
    sio_value *object = NULL;
    FUZZ_CHECK(sio_value_from_json(&object, line, len - 1) == 0);
    check_value(object, "message", record->text);
    for (size_t i = 0; i < record->field_count; i++)
        check_value(object, record->fields[i].name, record->fields[i].value);
    sio_value_free(object);
}

static void check(const sio_log_record *record)
{
    static char line[SIO_LOG_LINE_SIZE];
    for (int format = SIO_LOG_TEXT; format <= SIO_LOG_JSON; format++) {
        const size_t len = sio_log_line(line, (sio_log_format)format, record);
        FUZZ_CHECK(len > 0 && len < sizeof(line) && strlen(line) == len);
        FUZZ_CHECK(strchr(line, '\n') == line + len - 1 && sio_utf8_valid(line, len));
        if (format == SIO_LOG_LOGFMT)
            check_pairs(line, 4 + record->field_count);
        if (format == SIO_LOG_JSON)
            check_json(line, len, record);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    sio_log_field fields[SIO_LOG_FIELDS];
    int64_t time_us = 0;
    for (int i = 0; i < 6; i++)
        time_us = time_us * 256 + fuzz_byte(&input);
    char *text = text_of(fuzz_take_until(&input, '\0'));
    sio_log_record record = { .time_us = time_us,
                              .level = SIO_LOG_INFO,
                              .category = SIO_LOG_SOCKET,
                              .text = text,
                              .fields = fields };
    for (; input.left > 0 && record.field_count < SIO_LOG_FIELDS; record.field_count++)
        fields[record.field_count] =
            (sio_log_field){ names[record.field_count], text_of(fuzz_take_until(&input, '\0')) };
    check(&record);
    for (size_t i = 0; i < record.field_count; i++)
        free((char *)(uintptr_t)fields[i].value);
    free(text);
    return 0;
}
