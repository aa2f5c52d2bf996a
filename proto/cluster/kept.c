#include <sio/sys/kept.h>

#include <sio/err.h>
#include <sio/sys/text.h>

#include "cluster/fields.h"
#include "cluster/parts.h"

/* ---- writing ---- */

void sio_kept_write(sio_buf *out, const sio_session *session)
{
    static const char *const keys[] = { "sid", "pid", "rooms", "data", "nsp" };
    sio_arena arena = { 0 };
    sio_value items[2 * 5];
    int err = 0;
    items[1] = sio_value_of_string(session->sid);
    items[3] = sio_value_of_string(session->pid);
    items[5] = sio_parts_names(&arena, session->rooms, session->rooms_count, &err);
    items[7] = session->data.type == SIO_TYPE_UNDEFINED ? sio_value_of_map(NULL, 0) : session->data;
    items[9] = sio_parts_optional(session->nsp);
    const sio_value map = sio_parts_map(items, keys, session->nsp.data ? 5 : 4);
    if (!err)
        sio_entry_packed(out, &map);
    else if (!out->err)
        out->err = err;
    sio_arena_free(&arena);
}

/* ---- reading ---- */

static int read_fields(sio_session *out, sio_arena *arena, const sio_value *fields)
{
    const sio_value *data = sio_value_get(fields, "data");
    int err = sio_fields_text(fields, "sid", &out->sid);
    if (!err)
        err = sio_fields_text(fields, "pid", &out->pid);
    if (!err)
        err = sio_fields_text(fields, "nsp", &out->nsp);
    if (!err && (!out->sid.data || !out->pid.data))
        err = SIO_EPARSE;
    if (!err)
        err = sio_tree_names(arena, sio_value_get(fields, "rooms"), &out->rooms, &out->rooms_count);
    if (data)
        out->data = *data;
    return err;
}

int sio_kept_read(sio_session *out, sio_arena *arena, sio_str text)
{
    sio_session session = { .data.type = SIO_TYPE_UNDEFINED };
    sio_value fields;
    char *bytes = sio_arena_alloc(arena, sio_base64_decoded_size(text.len) + 1);
    if (!bytes)
        return SIO_ENOMEM;
    const size_t len = sio_base64_decode(bytes, text.data, text.len);
    int err = sio_fields_read(&fields, arena, (sio_str){ bytes, len });
    if (!err)
        err = read_fields(&session, arena, &fields);
    if (!err)
        *out = session;
    return err;
}

/* ---- what was missed ---- */

static bool is_in_any(const sio_session *session, const sio_str *rooms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < session->rooms_count; k++)
            if (sio_str_equal(rooms[i], session->rooms[k]))
                return true;
    return false;
}

bool sio_kept_missed(const sio_session *session, const sio_member_message *message)
{
    const sio_cluster_request *asked = &message->asked;
    return message->type == SIO_MEMBER_BROADCAST && !message->id.data &&
           !asked->flags.is_volatile &&
           (asked->rooms_count == 0 || is_in_any(session, asked->rooms, asked->rooms_count)) &&
           !is_in_any(session, asked->except, asked->except_count);
}
