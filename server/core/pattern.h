/* A pattern of names: an extended regular expression of POSIX. */
#ifndef SIO_CORE_PATTERN_H
#define SIO_CORE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include <sio/extern.h>
#include <sio/sys/str.h>

typedef struct sio_pattern sio_pattern;

/* SIO_EINVAL: it is no such expression, and `detail` says why; SIO_ENOMEM. */
SIO_MUST_USE int sio_pattern_new(sio_pattern **out, const char *expression, char *detail,
                                 size_t detail_size);

/* Whether it is found in the name. One that is longer than SIO_LIMIT_NAME, or has a NUL in it,
 * never matches: the expression would see a part of it only. */
bool sio_pattern_matches(const sio_pattern *pattern, sio_str name);

/* NULL is allowed. */
void sio_pattern_free(sio_pattern *pattern);

#endif
