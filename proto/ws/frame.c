#include <sio/err.h>
#include <sio/sys/ws.h>

#define FIN     0x80
#define MASKED  0x80
#define CONTROL 0x08

/* The 7 bits of the second byte say the length, or how many bytes after them do. */
#define SHORT_MAX 125
#define LENGTH_16 126
#define LENGTH_64 127

static uint64_t big_endian(const uint8_t *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number << 8 | bytes[i];
    return number;
}

static bool known_opcode(uint8_t opcode)
{
    return opcode <= SIO_WS_BINARY || (opcode >= SIO_WS_CLOSE && opcode <= SIO_WS_PONG);
}

static bool valid_start(const sio_ws_header *header, uint8_t length)
{
    if (!known_opcode(header->opcode))
        return false;
    return !(header->opcode & CONTROL) || (header->fin && length <= SHORT_MAX);
}

/* Section 5.2: the shortest form must be used, and the top bit of the longest is 0. */
static bool valid_length(uint64_t length, size_t extended)
{
    if (extended == 2)
        return length > SHORT_MAX;
    if (extended == 8)
        return length > 0xffff && length >> 63 == 0;
    return true;
}

int sio_ws_header_read(sio_ws_header *out, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    if (len < 2)
        return SIO_EAGAIN;
    uint8_t length = bytes[1] & 0x7f;
    size_t extended = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
    sio_ws_header header = { .opcode = bytes[0] & 0x0f,
                             .fin = (bytes[0] & FIN) != 0,
                             .masked = (bytes[1] & MASKED) != 0,
                             .rsv = bytes[0] >> 4 & 7 };
    if (!valid_start(&header, length))
        return SIO_EPARSE;
    header.size = (uint8_t)(2 + extended + (header.masked ? sizeof header.mask : 0));
    if (len < header.size)
        return SIO_EAGAIN;
    header.length = extended ? big_endian(bytes + 2, extended) : length;
    if (!valid_length(header.length, extended))
        return SIO_EPARSE;
    if (header.masked)
        memcpy(header.mask, bytes + 2 + extended, sizeof header.mask);
    *out = header;
    return 0;
}

static size_t write_length(uint8_t *out, uint64_t length)
{
    size_t extended = length <= SHORT_MAX ? 0 : length <= 0xffff ? 2 : 8;
    out[0] = extended == 0 ? (uint8_t)length : extended == 2 ? LENGTH_16 : LENGTH_64;
    for (size_t i = 0; i < extended; i++)
        out[1 + i] = (uint8_t)(length >> 8 * (extended - 1 - i));
    return 1 + extended;
}

size_t sio_ws_header_write(uint8_t out[SIO_WS_HEADER_MAX], sio_ws_opcode opcode, uint64_t length,
                           const uint8_t *mask)
{
    out[0] = (uint8_t)(FIN | opcode);
    size_t size = 1 + write_length(out + 1, length);
    if (!mask)
        return size;
    out[1] |= MASKED;
    memcpy(out + size, mask, 4);
    return size + 4;
}

void sio_ws_mask(void *data, size_t len, const uint8_t mask[4], size_t offset)
{
    uint8_t *bytes = data;
    uint8_t turned[8];
    for (size_t i = 0; i < sizeof turned; i++)
        turned[i] = mask[(offset + i) % 4];
    uint64_t wide;
    memcpy(&wide, turned, sizeof wide);
    size_t i = 0;
    for (; len - i >= sizeof wide; i += sizeof wide) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        word ^= wide;
        memcpy(bytes + i, &word, sizeof word);
    }
    for (; i < len; i++)
        bytes[i] ^= turned[i % 4];
}
