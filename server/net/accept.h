/* The header Accept. */
#ifndef SIO_NET_ACCEPT_H
#define SIO_NET_ACCEPT_H

#include <stdbool.h>

#include <sio/sys/str.h>

/* Whether OpenMetrics is liked at least as well as the plain text, and named. */
bool sio_accept_open_metrics(sio_str accept);

#endif
