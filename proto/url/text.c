#include "url/inside.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool sio_url_number(const char *text, int max, int *out)
{
    int number = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (!is_digit(*text) || number > (max - (*text - '0')) / 10)
            return false;
        number = number * 10 + (*text - '0');
    }
    *out = number;
    return true;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool sio_url_unescape(char *text)
{
    char *out = text;
    for (; *text; text++) {
        if (*text != '%') {
            *out++ = *text;
            continue;
        }
        int high = hex_digit(text[1]);
        int low = high < 0 ? -1 : hex_digit(text[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *out++ = (char)(high << 4 | low);
        text += 2;
    }
    *out = '\0';
    return true;
}

const char sio_url_bad_escape[] =
    "a percent sign must be followed by two hexadecimal digits (and not by 00)";
