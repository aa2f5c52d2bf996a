/* What the process takes, as the kernel and the C library tell it. */
#ifndef SIO_NET_PROCESS_H
#define SIO_NET_PROCESS_H

#include "core/metrics.h"

/* When it began, in seconds since 1970; 0: that cannot be told. */
double sio_process_start(void);

/* All else. What cannot be told stays 0. */
void sio_process_read(sio_process *out);

#endif
