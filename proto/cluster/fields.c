#include "cluster/fields.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "cluster/tree.h"

int sio_fields_read(sio_value *out, sio_arena *arena, sio_str bytes)
{
    sio_value value;
    size_t used = bytes.len;
    int err = bytes.len > 0 && bytes.data[0] == '{'
                  ? sio_json_read_enveloped(arena, &value, bytes.data, bytes.len)
                  : sio_msgpack_read(arena, &value, bytes.data, bytes.len, &used);
    if (err)
        return err == SIO_ELIMIT ? SIO_EPARSE : err;
    if (value.type != SIO_TYPE_MAP || used < bytes.len)
        return SIO_EPARSE;
    *out = value;
    return 0;
}

int sio_fields_text(const sio_value *fields, const char *key, sio_str *out)
{
    const sio_value *value = sio_value_get(fields, key);
    sio_type type = sio_value_type(value);
    *out = (sio_str){ NULL, 0 };
    if (type == SIO_TYPE_UNDEFINED || type == SIO_TYPE_NULL)
        return 0;
    if (type != SIO_TYPE_STRING || value->count > SIO_LIMIT_NAME)
        return SIO_EPARSE;
    *out = sio_tree_str(value);
    return 0;
}

int sio_fields_number(const sio_value *fields, const char *key, uint32_t max, uint32_t *out)
{
    const sio_value *value = sio_value_get(fields, key);
    double number = value && sio_tree_is_number(value) ? sio_value_double(value) : -1;
    if (!(number >= 0 && number <= max) || number != (double)(uint32_t)number)
        return SIO_EPARSE;
    *out = (uint32_t)number;
    return 0;
}
