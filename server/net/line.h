/*
 * What carries a connection's bytes: a libuv handle, or somebody else (sio/sys/carrier.h). All that
 * is above it, HTTP and WebSockets, does not know which.
 */
#ifndef SIO_NET_LINE_H
#define SIO_NET_LINE_H

#include <uv.h>

#include <sio/sys/carrier.h>

#include "core/list.h"

/* The other end of a carrier. */
typedef struct sio_carried {
    const sio_carrier_ops *ops;
    void *carrier;   /* NULL: it has gone */
    sio_list writes; /* that wait, in order */
    char *subject;
    bool secure;
    bool shared;
    bool finishing;               /* once they are written */
    struct sockaddr_storage peer; /* AF_UNSPEC: it has no address */
} sio_carried;

/* A write that could not be done at once; `bufs` and what they point to stay until `done`. */
typedef struct sio_line_write {
    union {
        uv_write_t handle;
        struct {
            sio_list node;
            uv_buf_t *bufs;
            unsigned count;
        } carried;
    } as;
    sio_conn *conn;
    void (*done)(struct sio_line_write *write, int status); /* a libuv error, or 0 */
} sio_line_write;

/* Gives bytes to the carrier: as sio_conn_send. */
ssize_t sio_line_try(sio_carried *line, const uv_buf_t *bufs, unsigned count);

/* As uv_write. `write->done` is called in a later turn, always. */
int sio_line_write_later(sio_conn *conn, sio_line_write *write, uv_buf_t *bufs, unsigned count);

/* Bytes that have been taken and not written. */
size_t sio_line_queued(const sio_conn *conn);

/* Begins and stops to read. A libuv error. */
int sio_line_read(sio_conn *conn, bool on);

/* Says that nothing follows what is queued. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_line_finish(sio_conn *conn);

/* Ends it; `closed` is called in a later turn. */
void sio_line_close(sio_conn *conn);

/* The carrier takes bytes again. */
void sio_line_pump(sio_conn *conn);

/* What is left of a carried one. */
void sio_line_free(sio_conn *conn);

/* The peer's address; false: it has gone. */
bool sio_line_peer(const sio_conn *conn, struct sockaddr_storage *out);

#endif
