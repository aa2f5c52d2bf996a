#include <sio/sys/value.h>

#include <math.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#define MS_PER_DAY INT64_C(86400000)
#define MS_MAX     INT64_C(8640000000000000) /* of a Date in JavaScript: 100,000,000 days */

typedef struct writer {
    sio_buf *out;
    sio_attachments *attachments;
    int err;
} writer;

static void write_value(writer *self, const sio_value *value);

void sio_json_write_number(sio_buf *out, double number)
{
    if (!isfinite(number)) {
        sio_buf_append(out, "null", 4);
        return;
    }
    char *to = sio_buf_reserve(out, SIO_NUMBER_SIZE);
    if (to)
        out->len += sio_number_text(to, number);
}

/* ---- dates: Date.prototype.toISOString, ECMA-262 section 21.4.1.32 ---- */

static void write_date(sio_buf *out, int64_t ms)
{
    if (ms < -MS_MAX || ms > MS_MAX) {
        sio_buf_append(out, "null", 4);
        return;
    }
    int64_t days = (ms >= 0 ? ms : ms - MS_PER_DAY + 1) / MS_PER_DAY;
    int of_day = (int)(ms - days * MS_PER_DAY);
    int year, month, day;
    sio_date_civil(days, &year, &month, &day);
    if (year >= 0 && year <= 9999)
        sio_buf_printf(out, "\"%04d", year);
    else
        sio_buf_printf(out, "\"%c%06d", year < 0 ? '-' : '+', year < 0 ? -year : year);
    sio_buf_printf(out, "-%02d-%02dT%02d:%02d:%02d.%03dZ\"", month, day, of_day / 3600000,
                   of_day / 60000 % 60, of_day / 1000 % 60, of_day % 1000);
}

/* ---- binary ---- */

static void write_placeholder(writer *self, const sio_value *value)
{
    sio_attachments *attachments = self->attachments;
    if (attachments->count == SIO_LIMIT_ATTACHMENTS) {
        self->err = SIO_ELIMIT;
        return;
    }
    sio_buf_printf(self->out, "{\"_placeholder\":true,\"num\":%u}", attachments->count);
    attachments->items[attachments->count++] = value;
}

/* As Node.js writes a Buffer. */
static void write_bytes(sio_buf *out, const uint8_t *bytes, size_t len)
{
    sio_buf_text(out, "{\"type\":\"Buffer\",\"data\":[");
    for (size_t i = 0; i < len; i++) {
        if (i > 0)
            sio_buf_byte(out, ',');
        sio_json_write_number(out, bytes[i]);
    }
    sio_buf_text(out, "]}");
}

static void write_binary(writer *self, const sio_value *value)
{
    if (self->attachments)
        write_placeholder(self, value);
    else
        write_bytes(self->out, value->as.bytes, value->count);
}

/* ---- trees: as deep as they were let in, at most SIO_LIMIT_DEPTH and what wraps them ---- */

static void write_array(writer *self, const sio_value *value)
{
    sio_buf_byte(self->out, '[');
    for (uint32_t i = 0; i < value->count; i++) {
        if (i > 0)
            sio_buf_byte(self->out, ',');
        write_value(self, &value->as.items[i]);
    }
    sio_buf_byte(self->out, ']');
}

static void write_map(writer *self, const sio_value *value)
{
    char before = '{';
    for (uint32_t i = 0; i < value->count; i++) {
        const sio_value *key = &value->as.items[2 * (size_t)i], *entry = key + 1;
        if (entry->type == SIO_TYPE_UNDEFINED)
            continue;
        sio_buf_byte(self->out, before);
        before = ',';
        sio_json_write_string(self->out, key->as.text, key->count);
        sio_buf_byte(self->out, ':');
        write_value(self, entry);
    }
    if (before == '{')
        sio_buf_byte(self->out, '{');
    sio_buf_byte(self->out, '}');
}

static void write_value(writer *self, const sio_value *value)
{
    switch (sio_value_type(value)) {
    case SIO_TYPE_UNDEFINED:
    case SIO_TYPE_NULL:
        sio_buf_append(self->out, "null", 4);
        break;
    case SIO_TYPE_BOOL:
        sio_buf_text(self->out, value->as.boolean ? "true" : "false");
        break;
    case SIO_TYPE_INT:
    case SIO_TYPE_UINT:
    case SIO_TYPE_DOUBLE:
        sio_json_write_number(self->out, sio_value_double(value));
        break;
    case SIO_TYPE_STRING:
        sio_json_write_string(self->out, value->as.text, value->count);
        break;
    case SIO_TYPE_BINARY:
        write_binary(self, value);
        break;
    case SIO_TYPE_DATE:
        write_date(self->out, value->as.integer);
        break;
    case SIO_TYPE_ARRAY:
        write_array(self, value);
        break;
    case SIO_TYPE_MAP:
        write_map(self, value);
        break;
    }
}

int sio_json_write(sio_buf *out, const sio_value *value, sio_attachments *attachments)
{
    writer self = { .out = out, .attachments = attachments };
    write_value(&self, value);
    return self.err ? self.err : out->err;
}

int sio_value_to_json(const sio_value *value, char **out, size_t *length)
{
    sio_buf buf = { 0 };
    int err = sio_json_write(&buf, value, NULL);
    sio_buf_byte(&buf, '\0');
    if (!err)
        err = buf.err;
    if (err) {
        sio_buf_free(&buf);
        return err;
    }
    *out = buf.data;
    if (length)
        *length = buf.len - 1;
    return 0;
}
