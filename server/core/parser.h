/* The one choice of a server between the two parsers: what its packets look like on the wire. */
#ifndef SIO_CORE_PARSER_H
#define SIO_CORE_PARSER_H

#include <sio/sys/packet.h>

#include "core/client.h"

/* As sio_packet_encode. */
SIO_MUST_USE int sio_parser_encode(const sio_server *server, const sio_packet *packet,
                                   sio_frame **out);

/* A message of a client: 1, 0 or an error as those of sio_decoder_text. Borrowed from the message,
 * the server's arena or the client's decoder. */
SIO_MUST_USE int sio_parser_decode(sio_client *client, const sio_eio_packet *message,
                                   sio_packet *out);

#endif
