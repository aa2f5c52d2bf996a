/* An emit that waits for its time: everything it needs is copied, in one piece of memory. */
#ifndef SIO_CORE_EMISSION_H
#define SIO_CORE_EMISSION_H

#include <stdarg.h>

#include <sio/server.h>
#include <sio/target.h>

typedef struct sio_emission sio_emission;

/* New. It touches no server, so that any thread may make one. SIO_EINVAL, SIO_ERESERVED,
 * SIO_EFORMAT, SIO_EUTF8, SIO_EDEPTH, SIO_ELIMIT, SIO_ENOMEM. */
SIO_MUST_USE int sio_emission_new(sio_emission **out, const char *nsp, const sio_target *target,
                                  const char *event, const char *format, va_list arguments);

/* What it takes of memory. */
size_t sio_emission_bytes(const sio_emission *emission);

/* Emits; what goes wrong is logged. */
void sio_emission_send(const sio_emission *emission, sio_server *server);

/* NULL is allowed. */
void sio_emission_free(sio_emission *emission);

#endif
