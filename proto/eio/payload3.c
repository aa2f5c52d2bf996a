#include <sio/err.h>
#include <sio/sys/eio3.h>
#include <sio/sys/limits.h>

#define BINARY_END '\xff'

/* The part of a payload that is still to be read. */
typedef struct cursor {
    char *at;
    char *end;
} cursor;

/* What one byte of UTF-8 adds to the length in UTF-16: its character's first byte counts for all of
 * them, those above U+FFFF make two units. */
static unsigned units_of(char byte)
{
    const unsigned char value = (unsigned char)byte;
    return (unsigned)(value < 0x80 || value >= 0xc0) + (unsigned)(value >= 0xf0);
}

static size_t count_units(sio_str text)
{
    size_t units = 0;
    for (size_t i = 0; i < text.len; i++)
        units += units_of(text.data[i]);
    return units;
}

/* ---- reading ---- */

/* Digits that begin at `zero`, up to `end`, which is taken too. */
static int read_length(cursor *in, char zero, char end, size_t *out)
{
    size_t length = 0;
    const char *start = in->at;
    for (; in->at < in->end && *in->at != end; in->at++) {
        const unsigned digit = (unsigned char)*in->at - (unsigned)zero;
        if (digit > 9 || length > SIO_LIMIT_LENGTH / 10)
            return SIO_EPARSE;
        length = length * 10 + digit;
    }
    if (in->at == in->end || in->at == start)
        return SIO_EPARSE;
    in->at++;
    *out = length;
    return 0;
}

/* A packet that ends where that many units do, and not within a character. */
static int take_units(const cursor *in, size_t units, size_t *out)
{
    size_t seen = 0;
    const char *at = in->at;
    for (; at < in->end; at++) {
        const unsigned more = units_of(*at);
        if (seen + more > units)
            break;
        seen += more;
    }
    *out = (size_t)(at - in->at);
    return seen == units ? 0 : SIO_EPARSE;
}

/* Packets of no length are no packets at all, as in the reference. */
static int next_text(cursor *in, sio_eio_packet *out)
{
    while (in->at < in->end) {
        size_t units, len;
        int err = read_length(in, '0', ':', &units);
        if (!err)
            err = take_units(in, units, &len);
        if (err)
            return err;
        char *packet = in->at;
        in->at += len;
        if (len > 0)
            return sio_eio3_packet_read(out, packet, len) ? SIO_EPARSE : 1;
    }
    return 0;
}

static int next_binary(cursor *in, sio_eio_packet *out)
{
    if (in->at == in->end)
        return 0;
    const unsigned char kind = (unsigned char)*in->at++;
    size_t len;
    if (kind > 1 || read_length(in, 0, BINARY_END, &len) || len > (size_t)(in->end - in->at))
        return SIO_EPARSE;
    char *packet = in->at;
    in->at += len;
    const int err = kind ? sio_eio3_packet_read_binary(out, packet, len)
                         : sio_eio3_packet_read(out, packet, len);
    return err ? SIO_EPARSE : 1;
}

int sio_eio3_payload_next(sio_eio3_payload *payload, sio_eio_packet *out)
{
    if (payload->len == 0) {
        const bool first = payload->at == 0 && !payload->binary;
        payload->at = 1;
        return first ? SIO_EPARSE : 0;
    }
    if (payload->at >= payload->len)
        return 0;
    cursor in = { payload->data + payload->at, payload->data + payload->len };
    const int got = payload->binary ? next_binary(&in, out) : next_text(&in, out);
    payload->at = got < 0 ? payload->len : (size_t)(in.at - payload->data);
    return got;
}

/* ---- writing ---- */

static size_t write_length(char *out, size_t length, char zero, char end)
{
    char digits[SIO_EIO3_PREFIX_MAX];
    size_t count = 0;
    do {
        digits[count++] = (char)(zero + (char)(length % 10));
        length /= 10;
    } while (length > 0);
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    out[count] = end;
    return count + 1;
}

size_t sio_eio3_prefix(char out[SIO_EIO3_PREFIX_MAX], sio_str packet)
{
    return write_length(out, count_units(packet), '0', ':');
}

size_t sio_eio3_prefix_binary(char out[SIO_EIO3_PREFIX_MAX], sio_str packet, bool binary)
{
    out[0] = binary ? 1 : 0;
    return 1 + write_length(out + 1, packet.len, 0, BINARY_END);
}
