/* One connection, by TCP, a unix socket or a carrier: HTTP at first, perhaps a WebSocket later. */
#ifndef SIO_NET_CONN_H
#define SIO_NET_CONN_H

#include <uv.h>

#include <sio/sys/eio.h>
#include <sio/sys/ws.h>

#include "core/client.h"
#include "net/blob.h"
#include "net/intake.h"
#include "net/line.h"
#include "net/loop.h"
#include "net/request.h"

typedef enum sio_conn_state {
    SIO_CONN_IDLE,      /* between requests */
    SIO_CONN_REQUEST,   /* part of a request has come */
    SIO_CONN_SERVING,   /* a request is complete and not answered, or its answer not written */
    SIO_CONN_WEBSOCKET, /* upgraded */
    SIO_CONN_DRAINING,  /* all is said; what still comes is thrown away until the peer closes */
    SIO_CONN_CLOSED     /* the handle is being closed */
} sio_conn_state;

/* One of them at a time is in use. Zeroed memory is an empty one of either. */
typedef struct sio_exchange sio_exchange;
typedef struct sio_source sio_source;

/* What each write looks at is together, up to the bits. */
struct sio_conn {
    union {
        uv_tcp_t tcp;
        sio_carried line; /* if it is `carried` */
    };
    sio_net *net;
    sio_link link;        /* a WebSocket, or a poll that waits */
    uint32_t deflate_max; /* longest frame that may go out deflated; 0: that is not negotiated */
    uint8_t state;        /* sio_conn_state */
    uint8_t encoding : 2; /* sio_encoding: what the request being served takes */
    bool keep_alive : 1;
    bool head_only : 1; /* the request being served is a HEAD */
    bool writing : 1;   /* its answer is on the way */
    bool farewell : 1;  /* a close frame has been sent */
    bool leaving : 1;   /* a close frame follows what is being written */
    bool ahead : 1;     /* what is written is followed by more in this turn, and may wait for it */
    bool broken : 1;    /* a write has failed */
    bool counted : 1;   /* in stats.connections */
    bool turned_away : 1; /* in net->turned_away */
    bool watching : 1;    /* came by the listener of metrics: in net->watch.conns */
    bool paused : 1;      /* more was pipelined than we keep: reading has stopped */
    bool awaited : 1;     /* in net->intake */
    bool waiting : 1;     /* there too, behind the others */
    uint8_t relayed : 2;  /* sio_relay_origin, until its first request is served */
    bool carried : 1;
    uint8_t dialect : 2;   /* sio_eio_dialect, of the poll that waits */
    sio_list node;         /* in net->conns */
    sio_list resume;       /* in net->resumes, or while it is `waiting` in net->intake */
    sio_deadline deadline; /* in one of the net's queues */
    sio_request *request;  /* NULL when nothing of a request is there */
    sio_source *source;    /* source.h; NULL for most */
    union {
        sio_exchange *exchange; /* of the request being served; NULL: it needs none */
        sio_ws_reader reader;   /* of a WebSocket */
    };
    union {
        size_t unwritten; /* what a slow reader of an answer had left when it was last looked at */
        sio_share share;  /* of a WebSocket */
    };
};

/* What a connection begins with, and what is served on it. */
typedef enum sio_conn_kind {
    SIO_CONN_PLAIN,
    SIO_CONN_PROXIED, /* with a header of the PROXY protocol */
    SIO_CONN_WATCHING /* metrics, and nothing else */
} sio_conn_kind;

/* Takes the connection that waits at the listener. SIO_ENOMEM: it still waits; SIO_ESYSTEM. */
int sio_conn_accept(sio_net *net, uv_stream_t *listener, sio_conn_kind kind);

/* Takes one that another process has accepted, and the bytes that came by it: where it comes from
 * is the peer (NULL), or what a PROXY header has said; relayed: conn->relayed. The descriptor is
 * moved if it succeeds. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_conn_adopt(sio_net *net, int fd, const sio_origin *origin, uint8_t relayed, char *data,
                   size_t len);

/* Writes `head` and `body` in this order. What the kernel does not take at once is kept: by a
 * reference if `owner` (may be NULL) holds the body, else as a copy. `done` (may be NULL) is called
 * later if something had to be kept. Returns 1 then, 0 if all is written, SIO_ECLOSED when the peer
 * has gone and SIO_ENOMEM: the connection ends by itself after both. */
typedef void (*sio_conn_done)(sio_conn *conn);
int sio_conn_write(sio_conn *conn, sio_str head, sio_str body, sio_blob *owner, sio_conn_done done);

/* The connection is of no more use, and the core is to be told so after this turn. */
void sio_conn_break(sio_conn *conn);

/* Stops reading, and starts again. */
void sio_conn_pause(sio_conn *conn, bool pause);

/* Bytes have come (changed in place); nothing follows; or the connection broke, for what libuv
 * calls `status`. */
void sio_conn_input(sio_conn *conn, char *data, size_t len);
void sio_conn_ended(sio_conn *conn);
void sio_conn_failed(sio_conn *conn, int status);

/* Its line is closed: frees it. */
void sio_conn_free(sio_conn *conn);

/* Does what waited for the end of the flush. */
void sio_conn_resume(sio_conn *conn);

/* Its deadline has passed. */
void sio_conn_expire(sio_conn *conn);

/* Writes what is queued, says that nothing follows, and closes when the peer does or after
 * SIO_LIMIT_CLOSE_MS. */
void sio_conn_finish(sio_conn *conn);

/* Tells the core that the link or the request under way is lost, and closes. */
void sio_conn_lose(sio_conn *conn, sio_eio_reason reason);

/* Closes at once. It is freed in a later turn, so the caller's pointers stay valid. */
void sio_conn_close(sio_conn *conn);

static inline sio_conn *sio_conn_of(sio_link *link)
{
    return SIO_CONTAINER(link, sio_conn, link);
}

/* Of one that is not `carried`. */
static inline uv_stream_t *sio_conn_stream(sio_conn *conn)
{
    return (uv_stream_t *)&conn->tcp;
}

/* Of one that is not `carried`; -1 once it is closed. */
static inline int sio_conn_fd(const sio_conn *conn)
{
    uv_os_fd_t fd;
    return uv_fileno((const uv_handle_t *)&conn->tcp, &fd) == 0 ? fd : -1;
}

#endif
