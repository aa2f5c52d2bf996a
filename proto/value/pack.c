#include "value/owned.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

/* va_list may be an array type, which decays when it is handed on: it travels inside of this. */
typedef struct packer {
    sio_arena *arena;
    const char *at; /* in the format */
    va_list arguments;
    bool copies; /* strings, bytes and values, instead of borrowing them */
} packer;

/* Values of the array or map that is being made; the last run in the arena counts. */
struct list {
    sio_value *items;
    size_t count;
    size_t cap;
};

static int make_value(packer *self, char letter, unsigned depth, sio_value *out);

static sio_value *list_extend(packer *self, struct list *list, size_t more)
{
    if (more >= SIO_LIMIT_LENGTH / sizeof *list->items - list->count)
        return NULL;
    if (list->count + more > list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        if (cap < list->count + more)
            cap = list->count + more;
        sio_value *items = sio_arena_alloc(self->arena, cap * sizeof *items);
        if (!items)
            return NULL;
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->cap = cap;
    }
    list->count += more;
    return list->items + list->count - more;
}

/* The next letter of the format, taken; 0 at its end. */
static char next_letter(packer *self)
{
    self->at += strspn(self->at, " \t\n\r,:");
    return *self->at ? *self->at++ : '\0';
}

/* ---- single values ---- */

static int make_text(packer *self, const char *text, size_t len, bool terminated, sio_value *out)
{
    if (len >= SIO_LIMIT_LENGTH)
        return SIO_ELIMIT;
    if (!sio_utf8_valid(text, len))
        return SIO_EUTF8;
    if (self->copies || !terminated) {
        text = sio_arena_strndup(self->arena, text, len);
        if (!text)
            return SIO_ENOMEM;
    }
    *out = sio_value_of_string((sio_str){ text, len });
    return 0;
}

static int make_string(packer *self, sio_value *out)
{
    const char *text = va_arg(self->arguments, const char *);
    bool counted = *self->at == '#';
    size_t len = 0;
    if (counted) {
        self->at++;
        len = va_arg(self->arguments, size_t);
    } else if (text) {
        len = strlen(text);
    }
    if (text)
        return make_text(self, text, len, !counted, out);
    *out = sio_value_null();
    return 0;
}

static int make_binary(packer *self, sio_value *out)
{
    const void *bytes = va_arg(self->arguments, const void *);
    size_t len = va_arg(self->arguments, size_t);
    if (len >= SIO_LIMIT_LENGTH)
        return SIO_ELIMIT;
    if (!bytes && len > 0)
        return SIO_EFORMAT;
    if (self->copies && len > 0) {
        bytes = sio_arena_strndup(self->arena, bytes, len);
        if (!bytes)
            return SIO_ENOMEM;
    }
    *out = sio_value_of_binary(bytes, len);
    return 0;
}

static int take_value(packer *self, const sio_value *value, unsigned depth, sio_value *out)
{
    if (depth + value->depth > SIO_LIMIT_DEPTH)
        return SIO_EDEPTH;
    if (self->copies)
        return sio_value_clone(self->arena, out, value);
    *out = *value;
    return 0;
}

static int make_copy(packer *self, unsigned depth, sio_value *out)
{
    const sio_value *value = va_arg(self->arguments, const sio_value *);
    if (value)
        return take_value(self, value, depth, out);
    *out = sio_value_null();
    return 0;
}

/* ---- sequences ---- */

static int add_items(packer *self, struct list *list, unsigned depth)
{
    const sio_value *array = va_arg(self->arguments, const sio_value *);
    size_t from = 0;
    if (*self->at == '#') {
        self->at++;
        from = va_arg(self->arguments, size_t);
    }
    if (sio_value_type(array) != SIO_TYPE_ARRAY || array->count <= from)
        return 0;
    size_t count = array->count - from;
    sio_value *items = list_extend(self, list, count);
    if (!items)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int err = take_value(self, &array->as.items[from + i], depth, &items[i]);
        if (err)
            return err;
    }
    return 0;
}

static int add_value(packer *self, struct list *list, char letter, unsigned depth)
{
    sio_value value;
    int err = make_value(self, letter, depth, &value);
    if (err)
        return err;
    sio_value *item = list_extend(self, list, 1);
    if (!item)
        return SIO_ENOMEM;
    *item = value;
    return 0;
}

/* Values up to the letter `end`, within `depth` containers. */
static int add_sequence(packer *self, struct list *list, char end, unsigned depth)
{
    if (depth > SIO_LIMIT_DEPTH)
        return SIO_EDEPTH;
    for (char letter; (letter = next_letter(self)) != end;) {
        int err =
            letter == 'V' ? add_items(self, list, depth) : add_value(self, list, letter, depth);
        if (err)
            return err;
    }
    return 0;
}

static int make_array(packer *self, unsigned depth, sio_value *out)
{
    struct list list = { 0 };
    int err = add_sequence(self, &list, ']', depth);
    if (!err)
        *out = sio_value_of_array(list.items, list.count);
    return err;
}

static int add_entry(packer *self, struct list *list, unsigned depth)
{
    sio_value entry[2];
    int err = make_string(self, &entry[0]);
    if (!err && entry[0].type != SIO_TYPE_STRING)
        err = SIO_EFORMAT;
    if (!err)
        err = make_value(self, next_letter(self), depth, &entry[1]);
    if (err || entry[1].type == SIO_TYPE_UNDEFINED)
        return err;
    sio_value *items = list_extend(self, list, 2);
    if (!items)
        return SIO_ENOMEM;
    memcpy(items, entry, sizeof entry);
    return 0;
}

static int make_map(packer *self, unsigned depth, sio_value *out)
{
    if (depth > SIO_LIMIT_DEPTH)
        return SIO_EDEPTH;
    struct list list = { 0 };
    for (char letter; (letter = next_letter(self)) != '}';) {
        int err = letter == 's' ? add_entry(self, &list, depth) : SIO_EFORMAT;
        if (err)
            return err;
    }
    *out = sio_value_of_map(list.items, list.count / 2);
    return 0;
}

static int make_value(packer *self, char letter, unsigned depth, sio_value *out)
{
    switch (letter) {
    case 'n':
        *out = sio_value_null();
        return 0;
    case 'b':
        *out =
            (sio_value){ .type = SIO_TYPE_BOOL, .as.boolean = va_arg(self->arguments, int) != 0 };
        return 0;
    case 'i':
        *out = sio_value_of_int(va_arg(self->arguments, int));
        return 0;
    case 'I':
        *out = sio_value_of_int(va_arg(self->arguments, int64_t));
        return 0;
    case 'f':
        *out = sio_value_of_double(va_arg(self->arguments, double));
        return 0;
    case 'D':
        *out = (sio_value){ .type = SIO_TYPE_DATE, .as.integer = va_arg(self->arguments, int64_t) };
        return 0;
    case 's':
        return make_string(self, out);
    case 'B':
        return make_binary(self, out);
    case 'v':
        return make_copy(self, depth, out);
    case '[':
        return make_array(self, depth + 1, out);
    case '{':
        return make_map(self, depth + 1, out);
    default:
        return SIO_EFORMAT;
    }
}

/* ---- whole formats ---- */

int sio_value_pack(sio_arena *arena, sio_value *out, const char *first, const char *format,
                   va_list arguments)
{
    packer self = { .arena = arena, .at = format };
    struct list list = { 0 };
    sio_value name;
    int err = first ? make_text(&self, first, strlen(first), true, &name) : 0;
    if (err)
        return err;
    if (first) {
        sio_value *item = list_extend(&self, &list, 1);
        if (!item)
            return SIO_ENOMEM;
        *item = name;
    }
    va_copy(self.arguments, arguments);
    err = add_sequence(&self, &list, '\0', 1);
    va_end(self.arguments);
    if (!err)
        *out = sio_value_of_array(list.items, list.count);
    return err;
}

/* Exactly one value, which fills the format. */
static int make_root(sio_owned *owned, const char *format, va_list arguments)
{
    if (!format)
        return SIO_EFORMAT;
    packer self = { .arena = &owned->arena, .at = format, .copies = true };
    struct list list = { 0 };
    va_copy(self.arguments, arguments);
    int err = add_sequence(&self, &list, '\0', 0);
    va_end(self.arguments);
    if (!err && list.count != 1)
        err = SIO_EFORMAT;
    if (!err)
        owned->root = list.items[0];
    return err;
}

int sio_value_vnew(sio_value **out, const char *format, va_list arguments)
{
    sio_owned *owned = sio_owned_new();
    if (!owned)
        return SIO_ENOMEM;
    return sio_owned_finish(owned, make_root(owned, format, arguments), out);
}

int sio_value_new(sio_value **out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int err = sio_value_vnew(out, format, arguments);
    va_end(arguments);
    return err;
}
