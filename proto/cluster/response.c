#include <sio/sys/classic.h>

#include <sio/err.h>

#include "cluster/fields.h"

static sio_value text(const char *text)
{
    return sio_value_of_string(sio_str_from(text));
}

/* The key under which the answer to such a question stands; NULL: there is none but the id. */
static const char *key_of(sio_classic_type type)
{
    switch (type) {
    case SIO_CLASSIC_SOCKETS:
    case SIO_CLASSIC_FETCH:
        return "sockets";
    case SIO_CLASSIC_ALL_ROOMS:
        return "rooms";
    case SIO_CLASSIC_SERVER_SIDE_EMIT:
        return "data";
    case SIO_CLASSIC_CLIENT_COUNT:
        return "clientCount";
    case SIO_CLASSIC_ACK:
        return "packet";
    default:
        return NULL;
    }
}

void sio_classic_response_write(sio_buf *out, const sio_classic_response *response)
{
    sio_value items[6];
    size_t count = 0;
    const char *key = key_of(response->type);
    if (response->type >= SIO_CLASSIC_SERVER_SIDE_EMIT) {
        items[count++] = text("type");
        items[count++] = sio_value_of_int(response->type);
    }
    items[count++] = text("requestId");
    items[count++] = sio_value_of_string(response->id);
    if (response->type == SIO_CLASSIC_CLIENT_COUNT) {
        items[count++] = text(key);
        items[count++] = sio_value_of_int(response->clients);
    } else if (key && sio_value_type(response->value) != SIO_TYPE_UNDEFINED) {
        items[count++] = text(key);
        items[count++] = *response->value;
    }
    const sio_value map = sio_value_of_map(items, count / 2);
    if (response->type == SIO_CLASSIC_ACK)
        sio_msgpack_write(out, &map);
    else if (sio_json_write(out, &map, NULL) && !out->err)
        out->err = SIO_ELIMIT;
}

int sio_classic_response_find(sio_value *fields, sio_str *id, sio_arena *arena, sio_str bytes)
{
    int err = sio_fields_read(fields, arena, bytes);
    if (!err)
        err = sio_fields_text(fields, "requestId", id);
    return !err && !id->data ? SIO_EPARSE : err;
}

/* Of the questions that several clients of a node answer, the answers say what they are. */
static int read_type(const sio_value *fields, sio_classic_type question, sio_classic_type *type)
{
    *type = question;
    if (question != SIO_CLASSIC_BROADCAST)
        return 0;
    uint32_t number;
    int err = sio_fields_number(fields, "type", SIO_CLASSIC_ACK, &number);
    *type = (sio_classic_type)number;
    return err ? err : number < SIO_CLASSIC_CLIENT_COUNT ? SIO_EPARSE : 0;
}

static bool wants_array(sio_classic_type type)
{
    return type == SIO_CLASSIC_SOCKETS || type == SIO_CLASSIC_FETCH ||
           type == SIO_CLASSIC_ALL_ROOMS;
}

int sio_classic_response_read(sio_classic_response *out, const sio_value *fields,
                              sio_classic_type question)
{
    static const sio_value nothing = { .type = SIO_TYPE_UNDEFINED };
    sio_classic_response response = { .value = &nothing };
    int err = read_type(fields, question, &response.type);
    if (!err)
        err = sio_fields_text(fields, "requestId", &response.id);
    if (err)
        return err;
    const char *key = key_of(response.type);
    const sio_value *value = key ? sio_value_get(fields, key) : NULL;
    if (response.type == SIO_CLASSIC_CLIENT_COUNT)
        err = sio_fields_number(fields, key, UINT32_MAX, &response.clients);
    else if (value)
        response.value = value;
    if (wants_array(response.type) && response.value->type != SIO_TYPE_ARRAY)
        err = SIO_EPARSE;
    if (!err)
        *out = response;
    return err;
}
