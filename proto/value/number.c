#include <sio/sys/value.h>

#include <math.h>
#include <string.h>

#include <yyjson.h>

/* A number as ECMA-262 takes it apart: 0.d1d2d3… * 10^exponent, with the fewest digits that read
 * back as the same double. */
typedef struct decimal {
    char digits[24];
    int count;
    int exponent;
} decimal;

static size_t put(char *out, size_t at, const char *text, size_t len)
{
    memcpy(out + at, text, len);
    return at + len;
}

static size_t put_zeros(char *out, size_t at, int count)
{
    memset(out + at, '0', (size_t)count);
    return at + (size_t)count;
}

static size_t put_integer(char *out, size_t at, uint64_t integer)
{
    char digits[20];
    size_t count = 0;
    do
        digits[sizeof digits - ++count] = (char)('0' + integer % 10);
    while ((integer /= 10) > 0);
    return put(out, at, digits + sizeof digits - count, count);
}

/* ---- digits: yyjson's writer finds the shortest, in a scratch on the stack ---- */

typedef struct scratch {
    char bytes[512];
} scratch;

static void *scratch_malloc(void *context, size_t size)
{
    return size <= sizeof(scratch) ? context : NULL;
}

static void *scratch_realloc(void *context, void *memory, size_t old_size, size_t size)
{
    (void)memory, (void)old_size;
    return scratch_malloc(context, size);
}

static void scratch_free(void *context, void *memory)
{
    (void)context, (void)memory;
}

/* Reads what may look like 12.5, 0.001, 1.5e-7 or 2e21. */
static void take_apart(decimal *out, const char *text, const char *end)
{
    bool fraction = false;
    for (; text < end && *text != 'e'; text++) {
        if (*text == '.') {
            fraction = true;
        } else if (*text == '0' && out->count == 0) {
            out->exponent -= fraction;
        } else {
            out->digits[out->count++] = *text;
            out->exponent += !fraction;
        }
    }
    while (out->count > 0 && out->digits[out->count - 1] == '0')
        out->count--;
    if (text == end)
        return;
    int shift = 0;
    bool negative = text[1] == '-';
    for (text += 1 + (text[1] == '-' || text[1] == '+'); text < end; text++)
        shift = shift * 10 + (*text - '0');
    out->exponent += negative ? -shift : shift;
}

static void shortest(decimal *out, double number)
{
    scratch memory;
    const yyjson_alc alc = { scratch_malloc, scratch_realloc, scratch_free, &memory };
    yyjson_val value = { 0 };
    size_t len = 0;
    *out = (decimal){ .count = 0 };
    yyjson_set_real(&value, number);
    const char *text = yyjson_val_write_opts(&value, YYJSON_WRITE_NOFLAG, &alc, &len, NULL);
    if (text)
        take_apart(out, text, text + len);
}

/* ---- layout: Number::toString, ECMA-262 section 6.1.6.1.20 ---- */

static size_t put_exponential(char *out, size_t at, const decimal *number)
{
    int power = number->exponent - 1;
    out[at++] = number->digits[0];
    if (number->count > 1) {
        out[at++] = '.';
        at = put(out, at, number->digits + 1, (size_t)number->count - 1);
    }
    out[at++] = 'e';
    out[at++] = power < 0 ? '-' : '+';
    return put_integer(out, at, (uint64_t)(power < 0 ? -power : power));
}

static size_t put_decimal(char *out, size_t at, const decimal *number)
{
    int count = number->count, point = number->exponent;
    if (point > 21 || point <= -6)
        return put_exponential(out, at, number);
    if (point <= 0) {
        at = put(out, at, "0.", 2);
        at = put_zeros(out, at, -point);
        return put(out, at, number->digits, (size_t)count);
    }
    if (count <= point) {
        at = put(out, at, number->digits, (size_t)count);
        return put_zeros(out, at, point - count);
    }
    at = put(out, at, number->digits, (size_t)point);
    out[at++] = '.';
    return put(out, at, number->digits + point, (size_t)(count - point));
}

size_t sio_number_text(char out[SIO_NUMBER_SIZE], double number)
{
    if (isnan(number))
        return put(out, 0, "NaN", 3);
    size_t at = 0;
    if (number < 0) {
        out[at++] = '-';
        number = -number;
    }
    if (isinf(number))
        return put(out, at, "Infinity", 8);
    if (number < 0x1p53 && number == (double)(uint64_t)number)
        return put_integer(out, at, (uint64_t)number);
    decimal parts;
    shortest(&parts, number);
    return put_decimal(out, at, &parts);
}
