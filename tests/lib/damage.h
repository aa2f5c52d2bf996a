/* What becomes of a message on its way: cut off at every place, one byte changed to every other.
 * Each is handed over in memory of exactly its size. */
#ifndef SIO_TESTS_DAMAGE_H
#define SIO_TESTS_DAMAGE_H

#include "hex.h"

typedef void (*damage_check)(sio_str bytes, int data);

static inline void each_cut(sio_str whole, damage_check check, int data)
{
    for (size_t len = 0; len < whole.len; len++) {
        char *cut = malloc(len ? len : 1);
        memcpy(cut, whole.data, len);
        check((sio_str){ cut, len }, data);
        free(cut);
    }
}

static inline void each_damage(sio_str whole, damage_check check, int data)
{
    char *bytes = malloc(whole.len);
    for (size_t at = 0; at < whole.len; at++) {
        for (unsigned value = 0; value < 256; value++) {
            memcpy(bytes, whole.data, whole.len);
            bytes[at] = (char)value;
            check((sio_str){ bytes, whole.len }, data);
        }
    }
    free(bytes);
}

/* The bytes of a JSON text as they are, of all else from its hexadecimal digits. New: hex_free. */
static inline sio_str json_or_hex(const char *text)
{
    if (text[0] != '{')
        return hex_bytes(text);
    char *copy = malloc(strlen(text));
    memcpy(copy, text, strlen(text));
    return (sio_str){ copy, strlen(text) };
}

#endif
