#include "load/text.h"

#include <stdio.h>
#include <string.h>

#include "load/session.h"

void bench_text_append(sio_buf *out, uint32_t size, bool compressible)
{
    char *text = sio_buf_reserve(out, size);
    uint32_t at = 0;

    if (!text)
        return;
    memset(text, 'x', size);
    for (unsigned id = 1; compressible && at < size; id++) {
        char record[80];
        const int len = snprintf(record, sizeof record, "id: %u, price: %u.%02u, name: item %x; ",
                                 id, id * 7919 % 1000, id * 104729 % 100, id * 2654435761u);
        const uint32_t left = size - at;

        memcpy(text + at, record, (uint32_t)len < left ? (uint32_t)len : left);
        at += (uint32_t)len;
    }
    memset(text, '0', BENCH_DIGITS);
    out->len += size;
}

void bench_text_number(char *digits, uint64_t sequence)
{
    for (int i = BENCH_DIGITS; i-- > 0; sequence /= 10)
        digits[i] = (char)('0' + sequence % 10);
}
