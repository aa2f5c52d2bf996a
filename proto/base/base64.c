#include <sio/sys/text.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t sio_base64_encoded_size(size_t len)
{
    return (len + 2) / 3 * 4;
}

void sio_base64_encode(char *out, const void *data, size_t len)
{
    const uint8_t *from = data;
    for (; len >= 3; len -= 3, from += 3, out += 4) {
        uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
        out[0] = alphabet[bits >> 18];
        out[1] = alphabet[bits >> 12 & 63];
        out[2] = alphabet[bits >> 6 & 63];
        out[3] = alphabet[bits & 63];
    }
    if (len == 0)
        return;
    uint32_t bits = (uint32_t)from[0] << 16 | (len == 2 ? (uint32_t)from[1] << 8 : 0);
    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[bits >> 12 & 63];
    out[2] = len == 2 ? alphabet[bits >> 6 & 63] : '=';
    out[3] = '=';
}

size_t sio_base64_decoded_size(size_t len)
{
    return len / 4 * 3 + len % 4 * 3 / 4;
}

/* The six bits of a character, or -1. Ranges, not a table: a table would be one more cache miss
 * for the few short texts that come as base64. */
static int six_bits(char character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    if (character == '+' || character == '-')
        return 62;
    return character == '/' || character == '_' ? 63 : -1;
}

size_t sio_base64_decode(void *out, const char *text, size_t len)
{
    uint8_t *to = out;
    size_t written = 0;
    uint32_t bits = 0;
    unsigned pending = 0; /* bits not yet written */
    for (size_t at = 0; at < len && text[at] != '='; at++) {
        int six = six_bits(text[at]);
        if (six < 0)
            continue;
        bits = bits << 6 | (uint32_t)six;
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            to[written++] = (uint8_t)(bits >> pending);
        }
    }
    return written;
}
