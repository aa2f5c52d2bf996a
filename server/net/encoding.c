#include "net/encoding.h"

#include <strings.h>

static const char *const names[SIO_ENCODING_COUNT] = { NULL, "gzip", "deflate" };

const char *sio_encoding_name(sio_encoding encoding)
{
    return names[encoding];
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static sio_str trim(sio_str text)
{
    while (text.len > 0 && is_blank(text.data[0]))
        text = (sio_str){ text.data + 1, text.len - 1 };
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* Takes what stands before the separator off the front. */
static sio_str split(sio_str *text, char separator)
{
    const char *end = text->len ? memchr(text->data, separator, text->len) : NULL;
    const sio_str head = { text->data, end ? (size_t)(end - text->data) : text->len };
    const size_t used = head.len + (end ? 1 : 0);
    *text = (sio_str){ text->data + used, text->len - used };
    return trim(head);
}

/* A quality in thousandths; what is no number counts as 0. */
static int read_quality(sio_str text)
{
    int quality = 0, unit = 1000;
    for (size_t i = 0; i < text.len && unit > 0; i++) {
        const char c = text.data[i];
        if (i == 1 && c == '.')
            continue;
        if (c < '0' || c > '9' || (i == 1 && c != '.'))
            break;
        quality += (c - '0') * unit;
        unit /= 10;
    }
    return quality;
}

static int quality_of(sio_str parameters)
{
    while (parameters.len > 0) {
        sio_str parameter = split(&parameters, ';');
        const sio_str name = split(&parameter, '=');
        if (sio_str_equal(name, SIO_STR("q")))
            return read_quality(trim(parameter));
    }
    return 1000;
}

/* How much one encoding is liked: by its own name if it has been named, else by a `*`. */
typedef struct liking {
    bool named;
    int quality;
    size_t place; /* in the header */
} liking;

static bool is(sio_str text, const char *name)
{
    return text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0;
}

static void consider(liking *one, sio_str name, int quality, size_t place, const char *encoding)
{
    const bool named = is(name, encoding);
    if (!named && (one->named || !sio_str_equal(name, SIO_STR("*"))))
        return;
    if (named == one->named && quality < one->quality)
        return;
    *one = (liking){ named, quality, place };
}

static bool is_better(const liking *a, const liking *b)
{
    if (a->quality != b->quality)
        return a->quality > b->quality;
    if (a->named != b->named)
        return a->named;
    return a->place < b->place;
}

sio_encoding sio_encoding_choose(sio_str accept)
{
    liking likings[SIO_ENCODING_COUNT] = { 0 };
    for (size_t place = 0; accept.len > 0; place++) {
        sio_str parameters = split(&accept, ',');
        const sio_str name = split(&parameters, ';');
        const int quality = quality_of(parameters);
        for (int i = SIO_ENCODING_GZIP; i < SIO_ENCODING_COUNT; i++)
            consider(&likings[i], name, quality, place, names[i]);
    }
    sio_encoding best = SIO_ENCODING_NONE;
    for (int i = SIO_ENCODING_GZIP; i < SIO_ENCODING_COUNT; i++) {
        if (likings[i].quality > 0 && is_better(&likings[i], &likings[best]))
            best = (sio_encoding)i;
    }
    return best;
}
