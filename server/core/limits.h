/* The limits that an application has set, and the defaults of the others. */
#ifndef SIO_CORE_LIMITS_H
#define SIO_CORE_LIMITS_H

#include <sio/limits.h>

/* SIO_EINVAL: `*why` is a sentence. */
int sio_limits_resolve(sio_limit_options *out, const sio_limit_options *given, const char **why);

#endif
