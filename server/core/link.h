/*
 * A link: what carries a client's bytes right now, owned by server/net: an open WebSocket, or one
 * waiting poll. The core tells it that there is something to send; it takes that from the client's
 * outbox.
 */
#ifndef SIO_CORE_LINK_H
#define SIO_CORE_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct sio_client;
struct sio_frame;
typedef struct sio_link sio_link;

typedef struct sio_link_ops {
    /*
     * Send what the client's outbox holds, as far as it can go; called once per turn of the loop,
     * never under a handler. What is stuck stays in the outbox or in the link; the link then sets
     * `blocked`, and calls sio_client_writable when it is free again. A poll is answered by this
     * and is no longer the client's link afterwards (it calls sio_client_detach itself). With
     * `last` set, this is the end of the session: what is in the outbox goes out, then the
     * transport's own farewell (close frame, or the packet "1", which a poll can only say in a
     * payload of its own: the official client heeds it before what comes with it), then the link
     * closes.
     */
    void (*flush)(sio_link *link, bool last);
    /* Give up at once: what is unsent is dropped. The client has forgotten the link already. */
    void (*abort)(sio_link *link);
    /* Send one frame now, outside of any order: probe answers on a link that is not the client's
     * transport yet. The caller keeps its reference. */
    void (*send_now)(sio_link *link, struct sio_frame *frame);
} sio_link_ops;

struct sio_link {
    const sio_link_ops *ops;
    struct sio_client *client; /* set by the core while it holds the link, as transport or as probe;
                                  NULL otherwise */
    size_t pending; /* bytes that the link has taken from the outbox but not written: they count for
                       max_buffered */
    bool blocked;
    bool flying; /* it has put a flush off until settle of sio_net_ops, to do several at once: the
                    client's outbox must not be touched before, and sio_client_settle follows */
};

#endif
