/* What becomes of a message on its way: cut off at every place, one byte changed to every other.
 * Each is handed over in memory of exactly its size. */
#ifndef SIO_TESTS_DAMAGE_H
#define SIO_TESTS_DAMAGE_H

#include <stdbool.h>

#include <sio/err.h>

#include "hex.h"

/* Reads what is left of a message, and frees what came of it: 0, SIO_EPARSE. */
typedef int (*damage_reader)(sio_str bytes, int data);

static inline void reads_each_cut(sio_str whole, damage_reader read, int data, bool may_be_whole)
{
    for (size_t len = 0; len < whole.len; len++) {
        char *cut = malloc(len ? len : 1);
        memcpy(cut, whole.data, len);
        const int err = read((sio_str){ cut, len }, data);
        assert_true(err == SIO_EPARSE || (err == 0 && may_be_whole));
        free(cut);
    }
}

static inline void reads_each_change(sio_str whole, damage_reader read, int data)
{
    char *bytes = malloc(whole.len);
    for (size_t at = 0; at < whole.len; at++) {
        for (unsigned value = 0; value < 256; value++) {
            memcpy(bytes, whole.data, whole.len);
            bytes[at] = (char)value;
            const int err = read((sio_str){ bytes, whole.len }, data);
            assert_true(err == 0 || err == SIO_EPARSE);
        }
    }
    free(bytes);
}

/* What is cut off is refused; what is changed may have become another. */
static inline void damage_is_harmless(sio_str whole, damage_reader read, int data)
{
    reads_each_cut(whole, read, data, false);
    reads_each_change(whole, read, data);
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
