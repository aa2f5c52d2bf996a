/* What a fresh connection says first: who it is, which database it wants, whether it has reached a
 * master, and whether anybody answers. It is ready when all of that is well. */
#ifndef SIO_REDIS_GREETING_H
#define SIO_REDIS_GREETING_H

#include "redis/conn.h"

void sio_redis_greet(sio_redis_conn *conn);

#endif
