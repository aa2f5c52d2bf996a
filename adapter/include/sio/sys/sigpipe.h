/* SIGPIPE, which would end the process when a peer goes away while it is written to: neither libuv
 * nor hiredis nor OpenSSL keeps it from being raised. */
#ifndef SIO_SYS_SIGPIPE_H
#define SIO_SYS_SIGPIPE_H

#include <sio/extern.h>

/* If it has its default action, an empty handler takes its place; what the application has chosen
 * stays. It is no SIG_IGN, which programs that are started from here would inherit: they find the
 * default. */
SIO_EXTERN void sio_sigpipe_survive(void);

#endif
