/* The listener of metrics, health and readiness, and what is measured for it. */
#ifndef SIO_NET_WATCH_H
#define SIO_NET_WATCH_H

#include "net/conn.h"

/* A new connection: into the list of those that watch. Beyond SIO_LIMIT_WATCHERS the oldest is
 * closed. */
void sio_watch_enter(sio_conn *conn);
/* It is closing. */
void sio_watch_leave(sio_conn *conn);

/* Answers and frees the request. */
void sio_watch_serve(sio_conn *conn, sio_request *request);

/* Another process has taken over. */
void sio_watch_hand_over(sio_net *net);

/* Closes all of it; whether it is gone. sio_net_progress is called when the last connection is. */
bool sio_watch_end(sio_net *net);

#endif
