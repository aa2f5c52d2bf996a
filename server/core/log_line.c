/* Lines of the log as people or machines read them. */
#include <sio/log.h>

#include <stdio.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/str.h>
#include <sio/sys/text.h>

/* Bytes that a text of a record may take once it is written, and a value of a field. With eight of
 * these and all names it is less than a line has. */
#define TEXT_ROOM  4096
#define VALUE_ROOM 400

static const char *const formats[] = {
    [SIO_LOG_TEXT] = "text", [SIO_LOG_LOGFMT] = "logfmt", [SIO_LOG_JSON] = "json"
};

int sio_log_format_parse(sio_log_format *out, const char *text)
{
    if (!text || !*text)
        text = formats[SIO_LOG_TEXT];
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        if (strcmp(text, formats[i]) == 0) {
            *out = (sio_log_format)i;
            return 0;
        }
    }
    return SIO_EINVAL;
}

typedef struct line {
    char *at;
    sio_log_format format;
} line;

static void put(line *out, const char *text)
{
    const size_t len = strlen(text);
    memcpy(out->at, text, len);
    out->at += len;
}

/* ---- values ---- */

/* One character of a quoted value: `bytes` of it, or what stands for it. */
static void put_quoted(line *out, const char *text, size_t bytes)
{
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') {
        *out->at++ = '\\';
        *out->at++ = *text;
    } else if (c < ' ' || c == 0x7f) {
        out->at += snprintf(out->at, 7, "\\u%04x", c);
    } else {
        memcpy(out->at, text, bytes);
        out->at += bytes;
    }
}

/* For people: a line feed makes no second line, and no escape moves their cursor. */
static void put_plain(line *out, const char *text, size_t bytes)
{
    const unsigned char c = (unsigned char)*text;
    if (c < ' ' || c == 0x7f) {
        *out->at++ = ' ';
        return;
    }
    memcpy(out->at, text, bytes);
    out->at += bytes;
}

/* The bytes of the character at `text`; 0: they are none of UTF-8. Controls of the second kind,
 * U+0080 to U+009F, move a terminal's cursor too, and are treated as none. */
static size_t character(const char *text, size_t left)
{
    const unsigned char c = (unsigned char)*text;
    const size_t bytes = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (bytes > left || !sio_utf8_valid(text, bytes))
        return 0;
    return c == 0xc2 && (unsigned char)text[1] < 0xa0 ? 0 : bytes;
}

static void put_value(line *out, const char *text, size_t room, bool quoted)
{
    const char *end = out->at + room - sizeof("\\u0000");
    size_t left = strlen(text);
    while (left > 0 && out->at < end) {
        size_t bytes = character(text, left);
        if (bytes == 0)
            put(out, "\xef\xbf\xbd");
        else if (quoted)
            put_quoted(out, text, bytes);
        else
            put_plain(out, text, bytes);
        bytes = bytes ? bytes : 1;
        text += bytes;
        left -= bytes;
    }
}

static bool needs_quotes(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == '"' || *c == '=' || *c == '\\' ||
            (unsigned char)*c >= 0x7f)
            return true;
    return !*text;
}

static void put_pair(line *out, const char *name, const char *value, size_t room)
{
    const bool json = out->format == SIO_LOG_JSON;
    const bool quoted = json || needs_quotes(value);
    put(out, json ? ",\"" : " ");
    put(out, name);
    put(out, json ? "\":" : "=");
    if (quoted)
        *out->at++ = '"';
    put_value(out, value, room, quoted);
    if (quoted)
        *out->at++ = '"';
}

/* ---- the time: RFC 3339, in UTC ---- */

/* The civil calendar of a day since 1970, counted from March so that the leap day is the last of a
 * year, in eras of 400 years. */
static void put_day(line *out, int64_t days)
{
    const int64_t since = days + 719468; /* 0000-03-01 */
    const int64_t era = (since >= 0 ? since : since - 146096) / 146097;
    const int64_t day_of_era = since - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * day_of_year + 2) / 153;
    const int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
    const int64_t year = year_of_era + era * 400 + (month >= 10);
    out->at += snprintf(out->at, 24, "%04u-%02u-%02u", (unsigned)year % 10000,
                        (unsigned)(month < 10 ? month + 3 : month - 9) % 100, (unsigned)day % 100);
}

static void put_time(line *out, int64_t time_us)
{
    const int64_t day_us = INT64_C(86400) * 1000000;
    const int64_t days = (time_us >= 0 ? time_us : time_us - day_us + 1) / day_us;
    const int64_t ms = (time_us - days * day_us) / 1000;
    put_day(out, days);
    out->at +=
        snprintf(out->at, 24, "T%02u:%02u:%02u.%03uZ", (unsigned)(ms / 3600000) % 100,
                 (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
}

/* ---- lines ---- */

static void put_for_people(line *out, const sio_log_record *record)
{
    put_time(out, record->time_us);
    put(out, " ");
    put(out, sio_log_level_name(record->level));
    put(out, " ");
    put(out, sio_log_category_name(record->category));
    put(out, ": ");
    put_value(out, record->text, TEXT_ROOM, false);
}

static void put_for_machines(line *out, const sio_log_record *record)
{
    const bool json = out->format == SIO_LOG_JSON;
    put(out, json ? "{\"time\":\"" : "time=");
    put_time(out, record->time_us);
    put(out, json ? "\"" : "");
    put_pair(out, "level", sio_log_level_name(record->level), VALUE_ROOM);
    put_pair(out, "category", sio_log_category_name(record->category), VALUE_ROOM);
    put_pair(out, "message", record->text, TEXT_ROOM);
    for (size_t i = 0; i < record->field_count && i < SIO_LOG_FIELDS; i++)
        put_pair(out, record->fields[i].name, record->fields[i].value, VALUE_ROOM);
    put(out, json ? "}" : "");
}

size_t sio_log_line(char out[SIO_LOG_LINE_SIZE], sio_log_format format,
                    const sio_log_record *record)
{
    line text = { out, format };
    if (format == SIO_LOG_TEXT)
        put_for_people(&text, record);
    else
        put_for_machines(&text, record);
    put(&text, "\n");
    *text.at = '\0';
    return (size_t)(text.at - out);
}
