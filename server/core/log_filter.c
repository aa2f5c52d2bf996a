/* What people write into SIO_LOG. */
#include <string.h>

#include <sio/err.h>
#include <sio/log.h>
#include <sio/sys/str.h>

static sio_str trim(sio_str text)
{
    while (text.len > 0 && text.data[0] == ' ')
        text = (sio_str){ text.data + 1, text.len - 1 };
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

static sio_str before(sio_str text, char mark)
{
    const char *found = text.len ? memchr(text.data, mark, text.len) : NULL;
    return found ? (sio_str){ text.data, (size_t)(found - text.data) } : text;
}

/* SIO_LOG_DEFAULT: there is none of that name. */
static sio_log_level level_of(sio_str name)
{
    for (int level = SIO_LOG_TRACE; level > SIO_LOG_DEFAULT; level--)
        if (sio_str_equal(name, sio_str_from(sio_log_level_name((sio_log_level)level))))
            return (sio_log_level)level;
    return SIO_LOG_DEFAULT;
}

static int set(sio_log_filter *filter, sio_str name, sio_log_level level)
{
    const bool all = sio_str_equal(name, SIO_STR("*"));
    int found = SIO_EINVAL;
    for (int i = 0; i < SIO_LOG_CATEGORIES; i++) {
        if (!all && !sio_str_equal(name, sio_str_from(sio_log_category_name((sio_log_category)i))))
            continue;
        filter->levels[i] = (uint8_t)level;
        found = 0;
    }
    return found;
}

/* "name" or "name:level". */
static int read_word(sio_log_filter *filter, sio_str word)
{
    const sio_str name = before(word, ':');
    sio_log_level level = SIO_LOG_DEBUG;
    if (name.len < word.len)
        level = level_of(trim((sio_str){ word.data + name.len + 1, word.len - name.len - 1 }));
    return level == SIO_LOG_DEFAULT ? SIO_EINVAL : set(filter, trim(name), level);
}

int sio_log_filter_parse(sio_log_filter *out, const char *text)
{
    sio_log_filter filter = { { 0 } };
    sio_str rest = sio_str_from(text ? text : "");
    while (rest.len > 0) {
        const sio_str word = before(rest, ',');
        const size_t used = word.len < rest.len ? word.len + 1 : word.len;
        rest = (sio_str){ rest.data + used, rest.len - used };
        if (trim(word).len > 0 && read_word(&filter, word))
            return SIO_EINVAL;
    }
    *out = filter;
    return 0;
}
