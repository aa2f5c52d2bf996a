/* The addresses of a host name, looked up without holding the loop. */
#ifndef SIO_REDIS_LOOKUP_H
#define SIO_REDIS_LOOKUP_H

#include <stdbool.h>

#include <uv.h>

#define SIO_LOOKUP_ADDRESS_SIZE 64

typedef struct sio_lookup sio_lookup;

/* `status` is one of libuv's. */
typedef void (*sio_lookup_done)(void *data, int status);

/* A new lookup; `done` is called from the loop, once. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_lookup_start(sio_lookup **out, uv_loop_t *loop, const char *host, sio_lookup_done done,
                     void *data);

/* Writes the next address in numbers; false when all have been given. */
bool sio_lookup_next(sio_lookup *lookup, char address[SIO_LOOKUP_ADDRESS_SIZE]);

/* Frees it, or lets go of it while it is under way: then `done` is not called. NULL is allowed. */
void sio_lookup_free(sio_lookup *lookup);

#endif
