/* The payload of a close frame: a code and a reason, or nothing (sections 5.5.1 and 7.4). */
#ifndef SIO_WS_CLOSE_H
#define SIO_WS_CLOSE_H

#include <sio/sys/ws.h>

/* Takes a close message's payload apart. Returns 1, SIO_EPARSE or SIO_EUTF8. */
SIO_MUST_USE int sio_ws_close_read(sio_ws_message *message);

#endif
