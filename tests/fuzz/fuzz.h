/* What the fuzz targets share: an input that is taken apart from its front, copies that show every
 * read beyond their end, and a check that ends the process. */
#ifndef SIO_TESTS_FUZZ_H
#define SIO_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sio/sys/str.h>
#include <sio/sys/value.h>

/* Each target defines it: libFuzzer calls it, and so does replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

typedef struct fuzz_input {
    const uint8_t *at;
    size_t left;
} fuzz_input;

/* 0 once all is used up. */
static inline uint8_t fuzz_byte(fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

/* The next `len` bytes, or what is left. Borrowed. */
static inline sio_str fuzz_take(fuzz_input *input, size_t len)
{
    const sio_str taken = { (const char *)input->at, len < input->left ? len : input->left };
    input->at += taken.len;
    input->left -= taken.len;
    return taken;
}

/* What stands before the next `separator`, which is taken too, or all that is left. Borrowed. */
static inline sio_str fuzz_take_until(fuzz_input *input, char separator)
{
    const uint8_t *end = input->left ? memchr(input->at, separator, input->left) : NULL;
    const sio_str taken = fuzz_take(input, end ? (size_t)(end - input->at) : input->left);
    fuzz_take(input, 1);
    return taken;
}

/* New, of exactly that size; never NULL. */
static inline char *fuzz_copy(sio_str bytes)
{
    char *copy = calloc(bytes.len ? bytes.len : 1, 1);
    FUZZ_CHECK(copy);
    if (bytes.len)
        memcpy(copy, bytes.data, bytes.len);
    return copy;
}

/* The same, NUL-terminated. */
static inline char *fuzz_string(sio_str bytes)
{
    char *copy = malloc(bytes.len + 1);
    FUZZ_CHECK(copy);
    if (bytes.len)
        memcpy(copy, bytes.data, bytes.len);
    copy[bytes.len] = '\0';
    return copy;
}

/* Where a run of bytes is cut: `seed` 0 leaves it whole. */
static inline size_t fuzz_piece(uint32_t *seed, size_t left)
{
    if (*seed == 0)
        return left;
    *seed = *seed * 1664525u + 1013904223u;
    const size_t size = 1 + (*seed >> 24) % 31;
    *seed |= 1;
    return size < left ? size : left;
}

/* Whether JSON can say the value as it is: JavaScript rounds integers beyond 2^53, and has no text
 * for what is infinite, a date or bytes. */
static inline bool fuzz_json_is_exact(const sio_value *value)
{
    const size_t count = sio_value_count(value);
    switch (sio_value_type(value)) {
    case SIO_TYPE_INT:
        return value->as.integer <= INT64_C(1) << 53 && value->as.integer >= -(INT64_C(1) << 53);
    case SIO_TYPE_DOUBLE:
        return value->as.number - value->as.number == 0;
    case SIO_TYPE_UNDEFINED:
    case SIO_TYPE_UINT:
    case SIO_TYPE_BINARY:
    case SIO_TYPE_DATE:
        return false;
    default:
        for (size_t i = 0; i < count; i++)
            if (!fuzz_json_is_exact(sio_value_at(value, i)))
                return false;
        return true;
    }
}

#endif
