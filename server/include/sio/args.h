/* The arguments of an event: borrowed, immutable, alive as long as the handler that got them runs.
 */
#ifndef SIO_ARGS_H
#define SIO_ARGS_H

#include <sio/value.h>

typedef struct sio_args sio_args;

/* The number of arguments, without the event's name and the acknowledgement. */
SIO_EXTERN size_t sio_args_count(const sio_args *args);

/* Argument `index`, or NULL beyond the end; value.h reads it. */
SIO_EXTERN const sio_value *sio_args_at(const sio_args *args, size_t index);

/* All arguments as one array value. Borrowed. */
SIO_EXTERN const sio_value *sio_args_array(const sio_args *args);

/* Argument `index` as what it is: NULL, false or 0 when it is missing or something else. */
SIO_EXTERN const char *sio_args_string(const sio_args *args, size_t index);
SIO_EXTERN bool sio_args_bool(const sio_args *args, size_t index);
SIO_EXTERN int64_t sio_args_int(const sio_args *args, size_t index);
SIO_EXTERN double sio_args_double(const sio_args *args, size_t index);
SIO_EXTERN const void *sio_args_binary(const sio_args *args, size_t index, size_t *length);

#endif
