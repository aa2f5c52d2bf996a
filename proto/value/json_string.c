#include <sio/sys/value.h>

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

static bool is_plain(char character)
{
    return (uint8_t)character >= 0x20 && character != '"' && character != '\\';
}

static uint64_t zero_bytes(uint64_t word)
{
    return (word - EACH_BYTE(0x01)) & ~word & EACH_BYTE(0x80);
}

/* Whether one of eight bytes must be escaped; all at once, since most text needs no escape. */
static bool any_special(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    uint64_t control = (word - EACH_BYTE(0x20)) & ~word & EACH_BYTE(0x80);
    return control | zero_bytes(word ^ EACH_BYTE('"')) | zero_bytes(word ^ EACH_BYTE('\\'));
}

static const char *skip_plain(const char *at, const char *end)
{
    while (end - at >= 8 && !any_special(at))
        at += 8;
    while (at < end && is_plain(*at))
        at++;
    return at;
}

static void write_escape(sio_buf *out, char character)
{
    static const char names[] = "btn\0fr"; /* of 8 to 13, of which 11 has none */
    static const char hex[] = "0123456789abcdef";
    uint8_t byte = (uint8_t)character;
    char name = byte >= 0x20 ? character : '\0';
    if (byte >= '\b' && byte <= '\r')
        name = names[byte - '\b'];
    if (name) {
        sio_buf_append(out, (const char[]){ '\\', name }, 2);
        return;
    }
    const char escape[] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };
    sio_buf_append(out, escape, sizeof escape);
}

/* From the first character that needs an escape. */
static void write_escaped(sio_buf *out, const char *text, const char *end)
{
    while (text < end) {
        const char *run = text;
        text = skip_plain(text, end);
        sio_buf_append(out, run, (size_t)(text - run));
        if (text < end)
            write_escape(out, *text++);
    }
}

void sio_json_write_string(sio_buf *out, const char *text, size_t len)
{
    char *to = sio_buf_reserve(out, len + 2);
    if (!to)
        return;
    const char *end = text + len, *special = skip_plain(text, end);
    size_t plain = (size_t)(special - text);
    to[0] = '"';
    if (plain > 0)
        memcpy(to + 1, text, plain);
    out->len += 1 + plain;
    write_escaped(out, special, end);
    sio_buf_byte(out, '"');
}
