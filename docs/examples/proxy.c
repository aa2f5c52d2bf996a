#include <stdio.h>
#include <unistd.h>

#include "example.h"

/* [ids] */
static const char *node = "a"; /* the name that the balancer has for it */

static int generate_id(sio_server *io, const sio_http_request *request,
                       char id[SIO_SESSION_ID_SIZE], void *data)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[SIO_SESSION_ID_SIZE];
    (void)io, (void)request, (void)data;
    int len = snprintf(id, SIO_SESSION_ID_SIZE, "%.8s-", node);
    if (getentropy(random, sizeof(random)))
        return SIO_EINVAL; /* the request is refused */
    for (; len < SIO_SESSION_ID_SIZE - 1; len++)
        id[len] = letters[random[len] & 63];
    return 0;
}
/* [end] */

/* [where] */
static void on_where(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    sio_ack_send(ack, "{s:s,s:b}", "address", sio_socket_address(socket), "secure",
                 sio_socket_secure(socket));
}
/* [end] */

static int setup(sio_server *io)
{
    return sio_namespace_on(sio_server_of(io, "/"), "where", on_where, NULL);
}

int main(int argc, char **argv)
{
    /* [trusted] */
    static const char *const proxies[] = { "127.0.0.1", "10.0.0.0/8", "unix:", NULL };
    const sio_server_options options = { .trusted_proxies = proxies, .generate_id = generate_id };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
