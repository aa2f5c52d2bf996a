/* What a packet is, for the log: never what is in it. */
#ifndef SIO_CORE_TRACE_H
#define SIO_CORE_TRACE_H

#include <sio/sys/packet.h>

#include "core/client.h"

/* Logs "client <sid> <verb> event "say" of /chat with id 3". For SIO_TRACE_PACKET. */
void sio_trace_packet(const sio_client *client, const char *verb, const sio_packet *packet);

#define SIO_TRACE_PACKET(client, verb, packet)                                                     \
    do {                                                                                           \
        if (SIO_LOG_TRACE <= (client)->server->logger.levels[SIO_LOG_SOCKET])                      \
            sio_trace_packet(client, verb, packet);                                                \
    } while (0)

/* The name of an event, as much of it as a line has room for; "" if it is no string. */
sio_str sio_trace_event(const sio_packet *packet);

#endif
