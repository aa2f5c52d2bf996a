#include "cluster/cursor.h"

#include <sio/err.h>
#include <sio/sys/text.h>

static void advance(sio_cursor *in, size_t len)
{
    in->at += len;
    in->left -= len;
}

/* The head of an array or map: a fixed form (its upper four bits), or one with 16 or 32 bits. */
static int read_head(sio_cursor *in, uint8_t fixed, uint8_t with16, uint32_t *count)
{
    if (in->left == 0)
        return SIO_EPARSE;
    uint8_t first = in->at[0];
    size_t width = first == with16 ? 2 : first == with16 + 1 ? 4 : 0;
    if ((width == 0 && (first & 0xf0) != fixed) || in->left < 1 + width)
        return SIO_EPARSE;
    uint32_t value = width ? 0 : first & 0x0f;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | in->at[1 + i];
    advance(in, 1 + width);
    *count = value;
    return 0;
}

int sio_cursor_array(sio_cursor *in, uint32_t *count)
{
    return read_head(in, 0x90, 0xdc, count);
}

int sio_cursor_map(sio_cursor *in, uint32_t *count)
{
    return read_head(in, 0x80, 0xde, count);
}

int sio_cursor_take(sio_cursor *in, sio_str *value)
{
    size_t used;
    int err = sio_msgpack_skip(in->at, in->left, &used);
    if (err)
        return err;
    *value = (sio_str){ (const char *)in->at, used };
    advance(in, used);
    return 0;
}

/* Bytes before the text of a string; 0: it is none. */
static size_t text_head(sio_str bytes)
{
    uint8_t first = (uint8_t)bytes.data[0];
    return first >> 5 == 5 ? 1 : first == 0xd9 ? 2 : first == 0xda ? 3 : first == 0xdb ? 5 : 0;
}

sio_str sio_cursor_text(sio_str bytes)
{
    size_t head = text_head(bytes);
    return head ? (sio_str){ bytes.data + head, bytes.len - head } : SIO_STR("");
}

bool sio_cursor_is_text(sio_str bytes)
{
    return text_head(bytes) > 0;
}

bool sio_cursor_is_plain(sio_str bytes)
{
    sio_str text = sio_cursor_text(bytes);
    return sio_cursor_is_text(bytes) && sio_utf8_valid(text.data, text.len);
}
