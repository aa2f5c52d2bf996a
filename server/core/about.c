/* What a socket knows of itself and of the request that opened its connection. */
#include "core/namespace.h"
#include "core/socket.h"

const char *sio_socket_id(const sio_socket *socket)
{
    return sio_member_id(&socket->member).data;
}

sio_namespace *sio_socket_namespace(const sio_socket *socket)
{
    return socket->nsp;
}

sio_server *sio_socket_server(const sio_socket *socket)
{
    return socket->nsp->server;
}

bool sio_socket_connected(const sio_socket *socket)
{
    return socket->state == SIO_SOCKET_CONNECTED;
}

const char *sio_socket_transport(const sio_socket *socket)
{
    if (socket->state == SIO_SOCKET_LEFT)
        return "";
    return socket->client->session.transport == SIO_EIO_WEBSOCKET ? "websocket" : "polling";
}

const sio_value *sio_socket_auth(const sio_socket *socket)
{
    return socket->auth;
}

const char *sio_socket_header(const sio_socket *socket, const char *name)
{
    return sio_handshake_header_get(socket->handshake, name);
}

const char *sio_socket_query(const sio_socket *socket, const char *name)
{
    return sio_handshake_query_get(socket->handshake, name);
}

const char *sio_socket_address(const sio_socket *socket)
{
    return sio_handshake_address(socket->handshake);
}

const char *sio_socket_url(const sio_socket *socket)
{
    return sio_handshake_url(socket->handshake);
}

int64_t sio_socket_issued(const sio_socket *socket)
{
    return sio_handshake_issued(socket->handshake);
}

bool sio_socket_secure(const sio_socket *socket)
{
    return sio_handshake_secure(socket->handshake);
}

const char *sio_socket_subject(const sio_socket *socket)
{
    return sio_handshake_subject(socket->handshake);
}

bool sio_socket_xdomain(const sio_socket *socket)
{
    const char *origin = sio_handshake_header_get(socket->handshake, "origin");
    return origin && *origin;
}
