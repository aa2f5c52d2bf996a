/*
 * A server within the web server that a program has already with libwebsockets: on a path of one of
 * its vhosts, while everything else stays the program's. Of libsio-tls, as sio/tls.h.
 */
#ifndef SIO_LWS_H
#define SIO_LWS_H

#include <sio/extern.h>

struct lws_context_creation_info;
struct uv_loop_s;
typedef struct sio_server sio_server;

/*
 * Call it with the `info` of a vhost before lws_create_vhost (or lws_create_context, which makes
 * one): the vhost then gives polling requests and WebSockets on the server's path, and the
 * official client's files, to the server. Mounts and protocols that stand in `info` by then are
 * served as before, and stay the program's to keep until the vhost is gone.
 *
 * The context must run on the server's own loop (sio_server_options.loop), and be destroyed in the
 * same turn as sio_server_close or later. SIO_EINVAL: `info` has no protocols, or the path is
 * longer than 255 bytes; SIO_EEXISTS: the vhost has a server already; SIO_ECLOSED, SIO_ENOMEM;
 * SIO_ENOTSUP: this libsio-tls was built without libwebsockets.
 */
SIO_EXTERN SIO_MUST_USE int sio_server_attach_lws(sio_server *server,
                                                  struct lws_context_creation_info *info);

/* Has a context that is made of `info` run on that loop, as LWS_SERVER_OPTION_LIBUV would with the
 * plugin of libwebsockets, which is not needed then. Call it last, right before lws_create_context:
 * what it makes goes with the context, also with one that could not be made. The context is to be
 * destroyed outside of its own callbacks, and before the loop ends. SIO_ENOMEM, SIO_ENOTSUP. */
SIO_EXTERN SIO_MUST_USE int sio_lws_use_loop(struct lws_context_creation_info *info,
                                             struct uv_loop_s *loop);

#endif
