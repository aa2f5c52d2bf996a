#include <sio/sys/value.h>

#include <sio/err.h>

/* What follows a first byte: a big-endian field, which counts bytes or values, and bytes. */
typedef struct shape {
    uint8_t field;   /* bytes of the field */
    uint8_t payload; /* bytes that follow in any case */
    uint8_t values;  /* 1: the field counts values, 2: pairs of them, 0: further bytes of payload */
} shape;

/* First bytes 0xc0 to 0xdf, in the order of the specification's table. */
static const shape shapes[32] = {
    { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 }, /* nil, (never), false, true */
    { 1, 0, 0 }, { 2, 0, 0 }, { 4, 0, 0 },              /* bin */
    { 1, 1, 0 }, { 2, 1, 0 }, { 4, 1, 0 },              /* ext */
    { 0, 4, 0 }, { 0, 8, 0 },                           /* float */
    { 0, 1, 0 }, { 0, 2, 0 }, { 0, 4, 0 }, { 0, 8, 0 }, /* uint */
    { 0, 1, 0 }, { 0, 2, 0 }, { 0, 4, 0 }, { 0, 8, 0 }, /* int */
    { 0, 2, 0 }, { 0, 3, 0 }, { 0, 5, 0 }, { 0, 9, 0 }, { 0, 17, 0 }, /* fixext */
    { 1, 0, 0 }, { 2, 0, 0 }, { 4, 0, 0 },                            /* str */
    { 2, 0, 1 }, { 4, 0, 1 },                                         /* array */
    { 2, 0, 2 }, { 4, 0, 2 },                                         /* map */
};

#define NEVER_USED 0xc1

static uint64_t big_endian(const uint8_t *at, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}

/* Takes one value without what is in it: its bytes are added to `used`, what it holds to `values`.
 * The sums of 32-bit counts stay far below 2^64. */
static int skip_one(const uint8_t *at, size_t left, uint64_t *used, uint64_t *values)
{
    uint8_t first = at[0];
    *used = 1;
    if (first < 0x80 || first >= 0xe0)
        return 0;
    if (first < 0xa0) {
        *values += (first & 15u) * (first < 0x90 ? 2 : 1);
        return 0;
    }
    if (first < 0xc0) {
        *used += first & 31u;
        return 0;
    }
    const shape *rest = &shapes[first & 31];
    if (first == NEVER_USED || left < 1u + rest->field)
        return SIO_EPARSE;
    uint64_t count = big_endian(at + 1, rest->field);
    *values += count * rest->values;
    *used += (uint64_t)rest->field + rest->payload + (rest->values ? 0 : count);
    return 0;
}

int sio_msgpack_skip(const void *data, size_t len, size_t *used)
{
    const uint8_t *at = data;
    size_t left = len;
    /* every value takes a byte at least, so more of them than bytes cannot be there */
    for (uint64_t values = 1; values > 0; values--) {
        uint64_t size = 0;
        if (values > left || skip_one(at, left, &size, &values) || size > left)
            return SIO_EPARSE;
        at += size;
        left -= (size_t)size;
    }
    *used = len - left;
    return 0;
}
