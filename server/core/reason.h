/* Why sockets leave, counted. */
#ifndef SIO_CORE_REASON_H
#define SIO_CORE_REASON_H

#include <sio/server.h>

/* One more for that reason; what is none of them is "other". */
void sio_reason_count(sio_server_stats *stats, const char *reason);

#endif
