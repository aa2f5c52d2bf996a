/* A borrowed run of bytes with its length: names and texts that come from peers may hold a NUL. */
#ifndef SIO_SYS_STR_H
#define SIO_SYS_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct sio_str {
    const char *data;
    size_t len;
} sio_str;

#define SIO_STR(literal) ((sio_str){ (literal), sizeof(literal) - 1 })

/* Borrowed; NULL: data NULL and no bytes. */
static inline sio_str sio_str_from(const char *text)
{
    return (sio_str){ text, text ? strlen(text) : 0 };
}

static inline bool sio_str_equal(sio_str a, sio_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

#endif
