/* Listening sockets, and the connections that come in by them. */
#ifndef SIO_NET_LISTEN_H
#define SIO_NET_LISTEN_H

#include "net/loop.h"

/* Accepts from a socket that listens; of its options the backlog and proxy_protocol count. On
 * success the descriptor is moved, and net->port set if it has one. SIO_ENOMEM; SIO_EEXISTS: this
 * loop has it already; SIO_ESYSTEM. */
int sio_listen_on(sio_net *net, int fd, const sio_listen_options *options);

/* New sockets. As sio_server_listen_with; `why` says more of an error, or is NULL. */
int sio_listen_tcp(sio_net *net, const sio_listen_options *options);
int sio_listen_unix(sio_net *net, const sio_listen_options *options, const char **why);

void sio_listen_close_all(sio_net *net);

/* Memory may be back: takes the connections that wait. */
void sio_listen_resume(sio_net *net);

#endif
