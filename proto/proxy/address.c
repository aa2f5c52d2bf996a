#include <sio/sys/address.h>

#include <stdio.h>

#include <sio/err.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static int digit_of(char c, int base)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = (char)(c | 0x20);
    return base == 16 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* A number of 1 to `most` digits off the front; -1: there is none. Zeros that lead nowhere are
 * refused in decimal, where some readers take them for octal. */
static int take_number(sio_str *text, int base, size_t most)
{
    int number = 0;
    size_t len = 0;
    while (len < text->len && len < most && digit_of(text->data[len], base) >= 0)
        number = number * base + digit_of(text->data[len++], base);
    if (len == 0 || (base == 10 && len > 1 && text->data[0] == '0'))
        return -1;
    text->data += len;
    text->len -= len;
    return number;
}

static bool take(sio_str *text, char c)
{
    if (text->len == 0 || text->data[0] != c)
        return false;
    text->data++;
    text->len--;
    return true;
}

static bool read4(uint8_t out[4], sio_str text)
{
    for (int i = 0; i < 4; i++) {
        const int number = i == 0 || take(&text, '.') ? take_number(&text, 10, 3) : -1;
        if (number < 0 || number > 255)
            return false;
        out[i] = (uint8_t)number;
    }
    return text.len == 0;
}

/* ---- IPv6 ---- */

typedef struct groups {
    uint8_t bytes[16];
    size_t len;
    size_t gap; /* where "::" stands; SIZE_MAX: nowhere */
} groups;

static bool has_dot(sio_str text)
{
    const char *colon = memchr(text.data, ':', text.len);
    const char *dot = memchr(text.data, '.', text.len);
    return dot && !colon;
}

/* One group, or an address of IPv4 in place of the last two. */
static bool read_group(groups *to, sio_str *text)
{
    if (to->len <= 12 && has_dot(*text)) {
        const bool good = read4(to->bytes + to->len, *text);
        to->len += 4;
        text->len = 0;
        return good;
    }
    const int number = to->len < 16 ? take_number(text, 16, 4) : -1;
    if (number < 0)
        return false;
    to->bytes[to->len++] = (uint8_t)(number >> 8);
    to->bytes[to->len++] = (uint8_t)number;
    return true;
}

static bool take_gap(groups *to, sio_str *text)
{
    if (text->len < 2 || memcmp(text->data, "::", 2) != 0)
        return true;
    text->data += 2;
    text->len -= 2;
    if (to->gap != SIZE_MAX)
        return false;
    to->gap = to->len;
    return true;
}

static bool read_groups(groups *to, sio_str text)
{
    if (!take_gap(to, &text))
        return false;
    while (text.len > 0) {
        if (!read_group(to, &text))
            return false;
        const size_t before = text.len;
        if (!take_gap(to, &text))
            return false;
        if (text.len == before && text.len > 0 && (!take(&text, ':') || text.len == 0))
            return false;
    }
    return to->gap == SIZE_MAX ? to->len == 16 : to->len <= 14;
}

static bool read6(uint8_t out[16], sio_str text)
{
    groups all = { .gap = SIZE_MAX };
    if (!read_groups(&all, text))
        return false;
    const size_t before = all.gap == SIZE_MAX ? 16 : all.gap;
    memset(out, 0, 16);
    memcpy(out, all.bytes, before);
    memcpy(out + 16 - (all.len - before), all.bytes + before, all.len - before);
    return true;
}

/* ---- all of them ---- */

int sio_address_read(sio_address *out, sio_str text)
{
    sio_address made;
    if (text.len == 0)
        return SIO_EPARSE;
    memcpy(made.bytes, mapped, sizeof(mapped));
    if (has_dot(text) ? !read4(made.bytes + 12, text) : !read6(made.bytes, text))
        return SIO_EPARSE;
    *out = made;
    return 0;
}

bool sio_address_is4(const sio_address *address)
{
    return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

static bool agrees(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    const unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool sio_address_within(const sio_address *address, const sio_address_block *block)
{
    return agrees(address->bytes, block->first.bytes, block->bits);
}

static bool ends_at(const sio_address *address, unsigned bits)
{
    for (unsigned i = bits; i < 128; i++)
        if (address->bytes[i / 8] & (0x80u >> i % 8))
            return false;
    return true;
}

int sio_address_block_read(sio_address_block *out, sio_str text)
{
    const char *slash = text.len ? memchr(text.data, '/', text.len) : NULL;
    const sio_str first = { text.data, slash ? (size_t)(slash - text.data) : text.len };
    sio_address_block made = { .bits = 128 };
    if (sio_address_read(&made.first, first))
        return SIO_EPARSE;
    if (slash) {
        const unsigned most = memchr(first.data, ':', first.len) ? 128 : 32;
        sio_str rest = { slash + 1, text.len - first.len - 1 };
        const int bits = take_number(&rest, 10, 3);
        if (bits < 0 || rest.len > 0 || (unsigned)bits > most)
            return SIO_EPARSE;
        made.bits = (uint8_t)(128 - most + (unsigned)bits);
    }
    if (!ends_at(&made.first, made.bits))
        return SIO_EPARSE;
    *out = made;
    return 0;
}

/* ---- text ---- */

static unsigned group_at(const sio_address *address, int i)
{
    return (unsigned)address->bytes[2 * i] << 8 | address->bytes[2 * i + 1];
}

/* The first of the longest runs of two or more zero groups, as *from and its length. */
static int longest_gap(const sio_address *address, int *from)
{
    int best = 1, run = 0;
    *from = -1;
    for (int i = 0; i < 8; i++) {
        run = group_at(address, i) ? 0 : run + 1;
        if (run > best) {
            best = run;
            *from = i + 1 - run;
        }
    }
    return *from < 0 ? 0 : best;
}

static void write6(const sio_address *address, char *out)
{
    int from;
    const int gap = longest_gap(address, &from);
    int len = 0;
    for (int i = 0; i < 8; i++) {
        if (i == from) {
            len += snprintf(out + len, (size_t)(SIO_ADDRESS_TEXT - len), "::");
            i += gap - 1;
            continue;
        }
        const bool first = i == 0 || i == from + gap;
        len += snprintf(out + len, (size_t)(SIO_ADDRESS_TEXT - len), "%s%x", first ? "" : ":",
                        group_at(address, i));
    }
}

const char *sio_address_write(const sio_address *address, char out[SIO_ADDRESS_TEXT])
{
    const uint8_t *four = address->bytes + 12;
    if (sio_address_is4(address))
        snprintf(out, SIO_ADDRESS_TEXT, "%u.%u.%u.%u", four[0], four[1], four[2], four[3]);
    else
        write6(address, out);
    return out;
}
