/* Listening sockets. */
#ifndef SIO_NET_LISTEN_H
#define SIO_NET_LISTEN_H

#include "net/loop.h"

/* As sio_server_listen. Sets net->port. */
int sio_listen_open(sio_net *net, const char *host, uint16_t port);

void sio_listen_close_all(sio_net *net);

/* Memory may be back: takes the connections that wait. */
void sio_listen_resume(sio_net *net);

#endif
