#include <sio/sys/proxy.h>

#include <sio/err.h>

/* ---- version 1: a line ---- */

static const char prefix1[] = "PROXY ";
#define PREFIX1 (sizeof(prefix1) - 1)

/* The next word of the line, which one blank ends. */
static sio_str take_word(sio_str *line)
{
    const char *blank = line->len ? memchr(line->data, ' ', line->len) : NULL;
    const sio_str word = { line->data, blank ? (size_t)(blank - line->data) : line->len };
    const size_t used = word.len + (blank ? 1 : 0);
    line->data += used;
    line->len -= used;
    return word;
}

static bool is_port(sio_str word)
{
    unsigned number = 0;
    if (word.len == 0 || word.len > 5 || (word.len > 1 && word.data[0] == '0'))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9')
            return false;
        number = number * 10 + (unsigned)(word.data[i] - '0');
    }
    return number <= 65535;
}

static bool is_of(sio_str word, bool four)
{
    const bool has_colon = word.len && memchr(word.data, ':', word.len);
    return has_colon != four;
}

static int read_addresses(sio_proxy_reader *reader, sio_str line, bool four)
{
    sio_address to;
    const sio_str source = take_word(&line), target = take_word(&line);
    const sio_str source_port = take_word(&line), target_port = line;
    if (!is_of(source, four) || !is_of(target, four) || !is_port(source_port) ||
        !is_port(target_port) || sio_address_read(&reader->origin.address, source) ||
        sio_address_read(&to, target))
        return SIO_EPARSE;
    reader->named = true;
    return 1;
}

static int read_line(sio_proxy_reader *reader)
{
    sio_str line = { (const char *)reader->kept + PREFIX1, reader->len - PREFIX1 - 2 };
    const sio_str family = take_word(&line);
    if (sio_str_equal(family, SIO_STR("UNKNOWN")))
        return 1;
    if (sio_str_equal(family, SIO_STR("TCP4")))
        return read_addresses(reader, line, true);
    return sio_str_equal(family, SIO_STR("TCP6")) ? read_addresses(reader, line, false)
                                                  : SIO_EPARSE;
}

static int step1(sio_proxy_reader *reader)
{
    if (reader->len >= PREFIX1 + 2 && memcmp(reader->kept + reader->len - 2, "\r\n", 2) == 0)
        return read_line(reader);
    return reader->len < SIO_PROXY_KEPT ? 0 : SIO_EPARSE;
}

/* ---- version 2: bytes ---- */

static const uint8_t prefix2[12] = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
};
#define FIXED2 16u

enum family { UNSPECIFIED, INET4, INET6, LOCAL };

/* Bytes of both ends' addresses and ports. */
static const uint16_t lengths[] = { [UNSPECIFIED] = 0, [INET4] = 12, [INET6] = 36, [LOCAL] = 216 };

static uint16_t rest_of(const sio_proxy_reader *reader)
{
    return (uint16_t)(reader->kept[14] << 8 | reader->kept[15]);
}

/* Of what is to be kept behind the fixed part: the address of the client alone. */
static unsigned wanted(unsigned family)
{
    return family == INET4 ? 4 : family == INET6 ? 16 : 0;
}

/* The proxy speaks for itself, of its health for example: what follows says nothing. */
static bool is_own(const sio_proxy_reader *reader)
{
    return reader->kept[12] == 0x20;
}

static unsigned family_of(const sio_proxy_reader *reader)
{
    return is_own(reader) ? UNSPECIFIED : reader->kept[13] >> 4;
}

static bool is_sound(const sio_proxy_reader *reader)
{
    const unsigned family = family_of(reader);
    if (is_own(reader))
        return true;
    return reader->kept[12] == 0x21 && family <= LOCAL && (reader->kept[13] & 15) <= 2 &&
           rest_of(reader) >= lengths[family];
}

/* What follows the client's address: the rest of the addresses, then fields. */
static void begin_fields(sio_proxy_reader *reader, unsigned family)
{
    const unsigned all = is_own(reader) ? rest_of(reader) : lengths[family];
    reader->skip = (uint16_t)(rest_of(reader) - wanted(family));
    reader->gap = (uint16_t)(all - wanted(family));
}

static void read_bytes(sio_proxy_reader *reader, unsigned family)
{
    const bool stream = (reader->kept[13] & 15) == 1;
    static const sio_address none4 = { .bytes = { [10] = 0xff, [11] = 0xff } };
    reader->named = stream && family != UNSPECIFIED;
    reader->origin = (sio_origin){ .local = family == LOCAL, .address = none4 };
    if (family == INET4)
        memcpy(reader->origin.address.bytes + 12, reader->kept + FIXED2, 4);
    else if (family == INET6)
        memcpy(reader->origin.address.bytes, reader->kept + FIXED2, 16);
}

static int step2(sio_proxy_reader *reader)
{
    if (reader->len < FIXED2)
        return 0;
    const unsigned family = family_of(reader);
    if (!is_sound(reader))
        return SIO_EPARSE;
    if (reader->len < FIXED2 + wanted(family))
        return 0;
    read_bytes(reader, family);
    begin_fields(reader, family);
    return reader->skip ? 0 : 1;
}

/* PP2_TYPE_SSL: a byte of flags, the result of the verification, fields of its own. */
#define KIND_TLS 0x20
#define FLAG_TLS 0x01

/* A byte of what follows the addresses, between two gaps: of a field's head, or the flags of TLS.
 */
static void take_field(sio_proxy_reader *reader, uint8_t byte)
{
    if (reader->head_len == sizeof(reader->head)) {
        reader->origin.secure = byte & FLAG_TLS;
        reader->gap--;
        reader->head_len = 0;
        return;
    }
    reader->head[reader->head_len++] = byte;
    if (reader->head_len < sizeof(reader->head))
        return;
    reader->gap = (uint16_t)(reader->head[1] << 8 | reader->head[2]);
    if (reader->head[0] != KIND_TLS || reader->gap == 0)
        reader->head_len = 0;
}

static bool is_at_flags(const sio_proxy_reader *reader)
{
    return reader->head_len == sizeof(reader->head);
}

/* Returns how many bytes were taken. */
static size_t take_rest(sio_proxy_reader *reader, const uint8_t *data, size_t len)
{
    size_t count = len < reader->skip ? len : reader->skip;
    if (reader->gap == 0 || is_at_flags(reader)) {
        take_field(reader, data[0]);
        count = 1;
    } else {
        count = count < reader->gap ? count : reader->gap;
        reader->gap = (uint16_t)(reader->gap - count);
    }
    reader->skip = (uint16_t)(reader->skip - count);
    return count;
}

/* ---- either ---- */

static bool begins(const sio_proxy_reader *reader, const void *prefix, size_t len)
{
    return memcmp(reader->kept, prefix, reader->len < len ? reader->len : len) == 0;
}

static int step(sio_proxy_reader *reader)
{
    if (begins(reader, prefix1, PREFIX1))
        return step1(reader);
    return begins(reader, prefix2, sizeof(prefix2)) ? step2(reader) : SIO_EPARSE;
}

int sio_proxy_feed(sio_proxy_reader *reader, const char *data, size_t len, size_t *used)
{
    int got = 0;
    *used = 0;
    while (got == 0 && *used < len) {
        if (reader->skip > 0) {
            *used += take_rest(reader, (const uint8_t *)data + *used, len - *used);
            got = reader->skip == 0;
        } else {
            reader->kept[reader->len++] = (uint8_t)data[(*used)++];
            got = step(reader);
        }
    }
    return got;
}
