/* Acknowledgements that clients ask for. */
#ifndef SIO_CORE_ACK_H
#define SIO_CORE_ACK_H

#include "core/socket.h"

/* A new one with one reference, for the packet's id. NULL when memory is out. */
sio_ack *sio_ack_new(sio_socket *socket, uint64_t id);

#endif
