/* Listening sockets, and the connections that come in by them. */
#ifndef SIO_NET_LISTEN_H
#define SIO_NET_LISTEN_H

#include <sio/sys/carrier.h>

#include "net/letter.h"
#include "net/loop.h"

/* Accepts from a socket that listens; of its options the backlog and proxy_protocol count. On
 * success the descriptor is moved, and net->port set if it has one. SIO_ENOMEM; SIO_EEXISTS: this
 * loop has it already; SIO_ESYSTEM. */
int sio_listen_on(sio_net *net, int fd, const sio_listen_options *options);

/* New sockets. As sio_server_listen_with; `why` says more of an error, or is NULL. */
int sio_listen_tcp(sio_net *net, const sio_listen_options *options);
int sio_listen_unix(sio_net *net, const sio_listen_options *options, const char **why);

/* What comes in by the listener that was opened last is for a carrier. */
void sio_listen_hand_over(sio_net *net, sio_carriage *carriage,
                          void (*take)(sio_carriage *carriage, int fd));

/* The listener of metrics, to be the only one: net->watch.port is set, and not net->port. */
int sio_listen_watching(sio_net *net, const sio_listen_options *options, const char **why);

/* Those of clients, or that of metrics: whether there is one; closes them all. */
bool sio_listen_is_open(const sio_net *net, bool watching);
void sio_listen_close_all(sio_net *net, bool watching);

/* ---- sockets that change hands ---- */

/* Describes all, and their descriptors, which stay the listeners'. Their number;
 * SIO_ELIMIT: more than `max`. */
int sio_listen_show(const sio_net *net, sio_letter_socket *out, int *fds, size_t max);

/* As sio_listen_on, for one that another process has described. SIO_EINVAL: it is no such socket,
 * and `why` says so. */
int sio_listen_take(sio_net *net, int fd, const sio_letter_socket *from, const char **why);

/* Closes the newest ones, down to so many; all of them. Their files stay. */
void sio_listen_leave(sio_net *net, size_t down_to);
size_t sio_listen_count(const sio_net *net);

/* Memory may be back: takes the connections that wait. */
void sio_listen_resume(sio_net *net);

/* A new turn of the loop: so do those that were too many for the one before. */
void sio_listen_turn(sio_net *net);

#endif
