#include "redis/slot.h"

#include <string.h>

/* The polynomial of XMODEM, bit by bit: names are short. */
static uint16_t crc16(sio_str text)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < text.len; i++) {
        crc ^= (uint16_t)((unsigned char)text.data[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

static sio_str hashed(sio_str key)
{
    const char *open = key.len ? memchr(key.data, '{', key.len) : NULL;
    if (!open)
        return key;
    const char *from = open + 1;
    const char *close = memchr(from, '}', key.len - (size_t)(from - key.data));
    return close && close > from ? (sio_str){ from, (size_t)(close - from) } : key;
}

uint16_t sio_redis_slot(sio_str key)
{
    return crc16(hashed(key)) % SIO_REDIS_SLOTS;
}
