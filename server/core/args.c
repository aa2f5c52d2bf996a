#include "core/args.h"

sio_args sio_args_from(const sio_value *array, uint32_t skip)
{
    sio_args args = { .array = *array };
    if (array->type != SIO_TYPE_ARRAY || array->count < skip) {
        args.array = sio_value_of_array(NULL, 0);
        return args;
    }
    args.array.count -= skip;
    args.array.as.items += skip;
    return args;
}

size_t sio_args_count(const sio_args *args)
{
    return args->array.count;
}

const sio_value *sio_args_at(const sio_args *args, size_t index)
{
    return sio_value_at(&args->array, index);
}

const sio_value *sio_args_array(const sio_args *args)
{
    return &args->array;
}

const char *sio_args_string(const sio_args *args, size_t index)
{
    return sio_value_string(sio_args_at(args, index), NULL);
}

bool sio_args_bool(const sio_args *args, size_t index)
{
    return sio_value_bool(sio_args_at(args, index));
}

int64_t sio_args_int(const sio_args *args, size_t index)
{
    return sio_value_int(sio_args_at(args, index));
}

double sio_args_double(const sio_args *args, size_t index)
{
    return sio_value_double(sio_args_at(args, index));
}

const void *sio_args_binary(const sio_args *args, size_t index, size_t *length)
{
    return sio_value_binary(sio_args_at(args, index), length);
}
