/* The connection as an application sees it. */
#include <sio/client.h>
#include <sio/err.h>
#include <sio/sys/text.h>

#include "core/client.h"
#include "core/handshake.h"
#include "core/socket.h"

sio_client *sio_socket_client(const sio_socket *socket)
{
    return socket->client;
}

sio_server *sio_client_server(const sio_client *client)
{
    return client->server;
}

const char *sio_client_id(const sio_client *client)
{
    return client->sid;
}

const char *sio_client_transport(const sio_client *client)
{
    return client->session.transport == SIO_EIO_WEBSOCKET ? "websocket" : "polling";
}

int sio_client_protocol(const sio_client *client)
{
    return client->session.dialect == SIO_EIO_4 ? 4 : 3;
}

const char *sio_client_state(const sio_client *client)
{
    if (client->session.state == SIO_EIO_STATE_CLOSED)
        return "closed";
    return client->closing ? "closing" : "open";
}

size_t sio_client_buffered(const sio_client *client)
{
    return sio_client_unsent(client);
}

const char *sio_client_address(const sio_client *client)
{
    return sio_handshake_address(client->handshake);
}

bool sio_client_secure(const sio_client *client)
{
    return sio_handshake_secure(client->handshake);
}

const char *sio_client_url(const sio_client *client)
{
    return sio_handshake_url(client->handshake);
}

const char *sio_client_header(const sio_client *client, const char *name)
{
    return sio_handshake_header_get(client->handshake, name);
}

const char *sio_client_query(const sio_client *client, const char *name)
{
    return sio_handshake_query_get(client->handshake, name);
}

int sio_client_send(sio_client *client, const void *data, size_t length, bool binary)
{
    if (!sio_client_is_open(client))
        return SIO_ECLOSED;
    if (length > SIO_FRAME_MAX)
        return SIO_ELIMIT;
    if (!binary && !sio_utf8_valid(data, length))
        return SIO_EUTF8;
    sio_frame *frame = sio_frame_new((sio_str){ data, length }, binary);
    if (!frame)
        return SIO_ENOMEM;
    const bool queued = sio_client_queue(client, frame, false);
    sio_frame_unref(frame);
    return queued ? 0 : SIO_ECLOSED;
}

void sio_client_close(sio_client *client)
{
    sio_client_shut(client, "forced close");
}

/* Not dropped here: this may be called while something is being queued. */
void sio_client_discard(sio_client *client)
{
    if (client->session.state == SIO_EIO_STATE_CLOSED)
        return;
    client->discards = true;
    sio_client_shut(client, "forced close");
    sio_client_mark(client);
}
