#include <sio/sys/text.h>

#include <string.h>

/*
 * A state is 0 between characters; within one it says how many bytes are still to come and what
 * the next one may be: the second byte of some sequences has a narrower range, which keeps out
 * overlong forms, surrogates and what is above U+10FFFF (RFC 3629, section 4).
 */
static uint32_t expect(uint32_t left, uint32_t low, uint32_t high)
{
    return left | low << 8 | high << 16;
}

static uint32_t lead(uint8_t byte)
{
    if (byte < 0x80)
        return 0;
    if (byte < 0xc2 || byte > 0xf4)
        return SIO_UTF8_BAD;
    if (byte < 0xe0)
        return expect(1, 0x80, 0xbf);
    if (byte < 0xf0)
        return expect(2, byte == 0xe0 ? 0xa0 : 0x80, byte == 0xed ? 0x9f : 0xbf);
    return expect(3, byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf);
}

static uint32_t step(uint32_t state, uint8_t byte)
{
    if (state == 0)
        return lead(byte);
    if (byte < (state >> 8 & 0xff) || byte > (state >> 16 & 0xff))
        return SIO_UTF8_BAD;
    uint32_t left = (state & 0xff) - 1;
    return left > 0 ? expect(left, 0x80, 0xbf) : 0;
}

/* The first byte that is not ASCII, or `end`. */
static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end)
{
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        if (word & 0x8080808080808080u)
            break;
        at += 8;
    }
    while (at < end && *at < 0x80)
        at++;
    return at;
}

uint32_t sio_utf8_feed(uint32_t state, const void *data, size_t len)
{
    if (len == 0)
        return state;
    const uint8_t *at = data, *end = at + len;
    while (at < end && state != SIO_UTF8_BAD) {
        if (state == 0)
            at = skip_ascii(at, end);
        do {
            if (at == end)
                break;
            state = step(state, *at++);
        } while (state != 0 && state != SIO_UTF8_BAD);
    }
    return state;
}

bool sio_utf8_valid(const void *data, size_t len)
{
    return sio_utf8_feed(0, data, len) == 0;
}

static size_t put(char *out, size_t at, const void *data, size_t len)
{
    if (out)
        memcpy(out + at, data, len);
    return at + len;
}

/* One character, or the longest beginning of one. Returns its length and whether it is whole. */
static size_t next_character(const uint8_t *data, size_t len, bool *whole)
{
    uint32_t state = lead(data[0]);
    size_t used = 1;
    while (used < len && state != 0 && state != SIO_UTF8_BAD) {
        uint32_t next = step(state, data[used]);
        if (next == SIO_UTF8_BAD)
            break;
        state = next;
        used++;
    }
    *whole = state == 0;
    return used;
}

size_t sio_utf8_repair(char *out, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    size_t written = 0;
    for (size_t at = 0; at < len;) {
        bool whole;
        size_t used = next_character(bytes + at, len - at, &whole);
        if (whole)
            written = put(out, written, bytes + at, used);
        else
            written = put(out, written, "\xef\xbf\xbd", 3);
        at += used;
    }
    return written;
}
