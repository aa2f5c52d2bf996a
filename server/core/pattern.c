#include "core/pattern.h"

#include <regex.h>
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

struct sio_pattern {
    regex_t expression;
};

int sio_pattern_new(sio_pattern **out, const char *expression, char *detail, size_t detail_size)
{
    snprintf(detail, detail_size, "there is no expression");
    if (!expression)
        return SIO_EINVAL;
    sio_pattern *pattern = sio_mem_alloc(sizeof(*pattern));
    if (!pattern)
        return SIO_ENOMEM;
    const int err = regcomp(&pattern->expression, expression, REG_EXTENDED | REG_NOSUB);
    if (err) {
        (void)regerror(err, &pattern->expression, detail, detail_size);
        sio_mem_free(pattern);
        return err == REG_ESPACE ? SIO_ENOMEM : SIO_EINVAL;
    }
    *out = pattern;
    return 0;
}

bool sio_pattern_matches(const sio_pattern *pattern, sio_str name)
{
    char text[SIO_LIMIT_NAME + 1];
    if (name.len > SIO_LIMIT_NAME || (name.len && memchr(name.data, '\0', name.len)))
        return false;
    if (name.len)
        memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    return regexec(&pattern->expression, text, 0, NULL, 0) == 0;
}

void sio_pattern_free(sio_pattern *pattern)
{
    if (!pattern)
        return;
    regfree(&pattern->expression);
    sio_mem_free(pattern);
}
