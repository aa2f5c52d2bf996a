#include "net/verify.h"

static sio_refusal refusal(sio_engine_error code, const char *context)
{
    return (sio_refusal){ code, context, 0 };
}

static sio_refusal verify_session(const sio_engine_query *query, bool upgrade,
                                  const sio_client *client)
{
    if (!client)
        return refusal(SIO_ENGINE_UNKNOWN_SID, NULL);
    if (!upgrade && client->session.transport != query->transport)
        return refusal(SIO_ENGINE_BAD_REQUEST, "TRANSPORT_MISMATCH");
    if ((query->dialect == SIO_EIO_4) != (client->session.dialect == SIO_EIO_4))
        return refusal(SIO_ENGINE_BAD_REQUEST, "PROTOCOL_MISMATCH");
    return refusal(SIO_ENGINE_OK, NULL);
}

static sio_refusal verify_handshake(const sio_server *server, const sio_request *request,
                                    const sio_engine_query *query, bool upgrade)
{
    if (!sio_request_is(request, HTTP_GET))
        return refusal(SIO_ENGINE_BAD_HANDSHAKE_METHOD, NULL);
    if (query->transport == SIO_EIO_WEBSOCKET && !upgrade)
        return refusal(SIO_ENGINE_BAD_REQUEST, "TRANSPORT_HANDSHAKE_ERROR");
    if (query->dialect != SIO_EIO_4 && !server->allow_eio3)
        return refusal(SIO_ENGINE_UNSUPPORTED_PROTOCOL_VERSION, NULL);
    return refusal(SIO_ENGINE_OK, NULL);
}

sio_refusal sio_verify(sio_server *server, const sio_request *request,
                       const sio_engine_query *query, bool upgrade, sio_client **client)
{
    if (query->transport < 0 || !(server->transports & (1u << query->transport)))
        return refusal(SIO_ENGINE_UNKNOWN_TRANSPORT, NULL);
    if (!query->sid[0])
        return verify_handshake(server, request, query, upgrade);
    *client = sio_client_find(server, sio_str_from(query->sid));
    return verify_session(query, upgrade, *client);
}
