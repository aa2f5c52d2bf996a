/* The arguments of one event or answer: an array, without the event's name. */
#ifndef SIO_CORE_ARGS_H
#define SIO_CORE_ARGS_H

#include <sio/args.h>
#include <sio/sys/value.h>

struct sio_args {
    sio_value array;
};

/* The items of `array` from `skip` on, borrowed. */
sio_args sio_args_from(const sio_value *array, uint32_t skip);

#endif
