#include "net/quality.h"

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

sio_str sio_quality_split(sio_str *text, char separator)
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

int sio_quality_of(sio_str parameters)
{
    while (parameters.len > 0) {
        sio_str parameter = sio_quality_split(&parameters, ';');
        const sio_str name = sio_quality_split(&parameter, '=');
        if (sio_str_equal(name, SIO_STR("q")))
            return read_quality(trim(parameter));
    }
    return 1000;
}
