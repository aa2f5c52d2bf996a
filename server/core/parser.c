#include "core/parser.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

int sio_parser_encode(const sio_server *server, const sio_packet *packet, sio_frame **out)
{
    const int err = server->parser == SIO_PARSER_MSGPACK ? sio_packet_encode_msgpack(packet, out)
                                                         : sio_packet_encode(packet, out);
    if (!err)
        (*out)->event = packet->type == SIO_PACKET_EVENT;
    return err;
}

int sio_parser_decode(sio_client *client, const sio_eio_packet *message, sio_packet *out)
{
    sio_server *server = client->server;
    const sio_str data = message->data;
    if (server->parser == SIO_PARSER_MSGPACK) {
        if (!message->binary)
            return SIO_EPARSE;
        return sio_packet_decode_msgpack(&server->arena, data.data, data.len, out);
    }
    if (message->binary) {
        const size_t most = (size_t)server->engine.max_payload * SIO_LIMIT_ATTACHMENTS;
        return sio_decoder_binary(&client->decoder, data.data, data.len, most, out);
    }
    return sio_decoder_text(&client->decoder, &server->arena, data.data, data.len, out);
}
