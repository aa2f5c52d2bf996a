#include "flags.h"

int node_listen(sio_server *server, const node_flags *flags)
{
    const sio_listen_options where = { .host = flags->host,
                                       .port = flags->port,
                                       .proxy_protocol = flags->proxy_protocol };
    if (flags->tls.options.certificates)
        return sio_server_listen_tls(server, &where, &flags->tls.options);
    return sio_server_listen_with(server, &where);
}
