/* What the data of a packet may look like, whichever parser it came through. */
#ifndef SIO_SIO_SHAPE_H
#define SIO_SIO_SHAPE_H

#include <sio/sys/packet.h>

/* Whether data of this kind stands in packets of this type. */
bool sio_shape_fits(sio_packet_type type, const sio_value *data);

/* Whether an event's data begins with a name that is not reserved. */
bool sio_shape_named(const sio_value *data);

#endif
