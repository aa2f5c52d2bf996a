#include "net/encoding.h"

#include <strings.h>

#include "net/quality.h"

static const char *const names[SIO_ENCODING_COUNT] = { NULL, "gzip", "deflate" };

const char *sio_encoding_name(sio_encoding encoding)
{
    return names[encoding];
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
        sio_str parameters = sio_quality_split(&accept, ',');
        const sio_str name = sio_quality_split(&parameters, ';');
        const int quality = sio_quality_of(parameters);
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
