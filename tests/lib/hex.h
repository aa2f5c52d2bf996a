/* Bytes written as hexadecimal digits, in memory of exactly their size: an overread is seen. */
#ifndef SIO_TESTS_HEX_H
#define SIO_TESTS_HEX_H

#include <stdlib.h>

#include <sio/sys/str.h>

static inline unsigned char hex_digit(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* New: free it with hex_free. */
static inline sio_str hex_bytes(const char *hex)
{
    size_t len = strlen(hex) / 2;
    char *bytes = malloc(len ? len : 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    return (sio_str){ bytes, len };
}

static inline void hex_free(sio_str bytes)
{
    free((char *)bytes.data);
}

#endif
