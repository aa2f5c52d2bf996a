#include "names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *name_of(const sio_value *value)
{
    char number[32];
    snprintf(number, sizeof(number), "%" PRId64, sio_value_int(value));
    return strdup(sio_value_type(value) == SIO_TYPE_INT ? number : sio_value_string(value, NULL));
}

static bool is_name(const sio_value *value)
{
    return sio_value_type(value) == SIO_TYPE_INT || sio_value_type(value) == SIO_TYPE_STRING;
}

char **names_new(const sio_value *value)
{
    bool one = is_name(value);
    size_t count = one ? 1 : sio_value_count(value), used = 0;
    char **names = calloc(count + 1, sizeof(*names));
    for (size_t i = 0; names && i < count; i++) {
        const sio_value *item = one ? value : sio_value_at(value, i);
        if (is_name(item) && !(names[used++] = name_of(item))) {
            names_free(names);
            return NULL;
        }
    }
    return names;
}

void names_free(char **names)
{
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
}
