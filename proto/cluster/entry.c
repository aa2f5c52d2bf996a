#include <sio/sys/entry.h>

#include <inttypes.h>
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

#include "cluster/fields.h"

/* ---- ids ---- */

/* Digits up to `end`, which is passed; the end of the text with NULL. */
static bool read_number(sio_str *rest, char end, uint64_t *out)
{
    uint64_t number = 0;
    size_t i = 0;
    for (; i < rest->len && rest->data[i] != end; i++) {
        const unsigned digit = (unsigned char)rest->data[i] - (unsigned)'0';
        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (i == 0 || (i == rest->len) == (end != '\0'))
        return false;
    i += end != '\0';
    *rest = (sio_str){ rest->data + i, rest->len - i };
    *out = number;
    return true;
}

int sio_entry_id_read(sio_entry_id *out, sio_str text)
{
    sio_entry_id id;
    if (!read_number(&text, '-', &id.ms) || !read_number(&text, '\0', &id.number))
        return SIO_EPARSE;
    *out = id;
    return 0;
}

int sio_entry_mark_read(uint64_t *out, sio_str text)
{
    return read_number(&text, '\0', out) ? 0 : SIO_EPARSE;
}

size_t sio_entry_id_write(char out[SIO_ENTRY_ID_SIZE], sio_entry_id id)
{
    return (size_t)snprintf(out, SIO_ENTRY_ID_SIZE, "%" PRIu64 "-%" PRIu64, id.ms, id.number);
}

/* ---- writing ---- */

bool sio_entry_is_kept(const sio_member_message *message)
{
    return (message->type == SIO_MEMBER_BROADCAST && !message->id.data) ||
           (message->type >= SIO_MEMBER_JOIN && message->type <= SIO_MEMBER_DISCONNECT);
}

void sio_entry_packed(sio_buf *out, const sio_value *data)
{
    sio_buf bytes = { 0 };
    sio_msgpack_write(&bytes, data);
    const size_t size = sio_base64_encoded_size(bytes.len);
    char *text = bytes.err ? NULL : sio_buf_reserve(out, size);
    if (text) {
        sio_base64_encode(text, bytes.data, bytes.len);
        out->len += size;
    }
    if (bytes.err && !out->err)
        out->err = bytes.err;
    sio_buf_free(&bytes);
}

void sio_entry_value(sio_buf *out, const sio_value *data)
{
    if (data->type == SIO_TYPE_UNDEFINED)
        return;
    if (data->binary) {
        sio_entry_packed(out, data);
        return;
    }
    const int err = sio_json_write(out, data, NULL);
    if (err && !out->err)
        out->err = err;
}

void sio_entry_data(sio_buf *out, const sio_member_message *message)
{
    sio_arena arena = { 0 };
    sio_value data;
    const int err = sio_member_data_of(&data, &arena, message);
    if (!err)
        sio_entry_value(out, &data);
    else if (!out->err)
        out->err = err;
    sio_arena_free(&arena);
}

/* ---- reading ---- */

static int read_data(sio_value *out, sio_arena *arena, sio_str data)
{
    if (data.len > 0 && data.data[0] == '{')
        return sio_fields_read(out, arena, data);
    char *bytes = sio_arena_alloc(arena, sio_base64_decoded_size(data.len) + 1);
    if (!bytes)
        return SIO_ENOMEM;
    const size_t len = sio_base64_decode(bytes, data.data, data.len);
    return sio_fields_read(out, arena, (sio_str){ bytes, len });
}

/* One or two digits. */
static int read_type(sio_member_type *out, sio_str text)
{
    uint64_t number;
    if (text.len > 2 || !read_number(&text, '\0', &number) || number < 1 ||
        number > SIO_MEMBER_CLOSE)
        return SIO_EPARSE;
    *out = (sio_member_type)number;
    return 0;
}

/* What sio_member_read takes for one. */
static bool is_name(sio_str text)
{
    return text.len <= SIO_LIMIT_NAME && sio_utf8_valid(text.data, text.len);
}

int sio_entry_read(sio_member_message *out, sio_arena *arena, const sio_entry *entry)
{
    sio_member_message message = { .uid = entry->uid, .nsp = entry->nsp };
    sio_value data;
    int err = entry->nsp.data && is_name(entry->nsp) && is_name(entry->uid)
                  ? read_type(&message.type, entry->type)
                  : SIO_EPARSE;
    if (!err && entry->data.data)
        err = read_data(&data, arena, entry->data);
    if (!err)
        err = sio_member_read_data(&message, arena, entry->data.data ? &data : NULL);
    if (!err)
        *out = message;
    return err;
}
