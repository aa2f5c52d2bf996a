/* What libsio-tls is without libwebsockets. */
#include <sio/lws.h>
#include <sio/tls.h>

#include <sio/err.h>
#include <sio/sys/carrier.h>

static int refuse(sio_server *server)
{
    return sio_carriage_fail(server, SIO_ENOTSUP,
                             "this libsio-tls was built without libwebsockets: there is no TLS");
}

int sio_server_listen_tls(sio_server *server, const sio_listen_options *where,
                          const sio_tls_options *options)
{
    (void)where, (void)options;
    return refuse(server);
}

int sio_server_reload_tls(sio_server *server)
{
    (void)server; /* there is nothing to reload */
    return 0;
}

int sio_server_attach_lws(sio_server *server, struct lws_context_creation_info *info)
{
    (void)info;
    return refuse(server);
}

int sio_lws_use_loop(struct lws_context_creation_info *info, struct uv_loop_s *loop)
{
    (void)info, (void)loop;
    return SIO_ENOTSUP;
}
