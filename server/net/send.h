/* Bytes to the kernel: by send, which is a shorter way there than write. */
#ifndef SIO_NET_SEND_H
#define SIO_NET_SEND_H

#include "net/conn.h"

/* How many bytes it took. -EAGAIN: none, or others wait before them; -E…: the connection broke. */
ssize_t sio_conn_send(sio_conn *conn, const uv_buf_t *bufs, unsigned count);

#endif
