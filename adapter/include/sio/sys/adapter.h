/*
 * An adapter: how a server's namespaces reach the other nodes of a cluster. The server calls it
 * through the functions below; it calls the server back through a host. An adapter never includes
 * the server, and never delivers to this node what this node sent: the server has done that
 * already.
 */
#ifndef SIO_SYS_ADAPTER_H
#define SIO_SYS_ADAPTER_H

#include <sio/adapter.h>
#include <sio/sys/cluster.h>

/* What the server offers an adapter. All are called on the server's loop. */
typedef struct sio_adapter_host {
    void *data;
    /* Whether anyone here is in that room. Asked before a message is decoded. */
    bool (*has_room)(void *data, sio_str nsp, sio_str room);
    /* Deliver to the clients of this node. The message is borrowed, decoded (message->data is set).
     */
    void (*deliver)(void *data, const sio_cluster_message *message);
    /* The link changed its state; `detail` is a sentence for the log. */
    void (*state)(void *data, sio_cluster_state state, const char *detail);
    /* Something to log, at most once a minute for each kind of trouble. */
    void (*warn)(void *data, const char *text);
    /* Random bytes for uids. */
    void (*random)(void *data, void *out, size_t len);
} sio_adapter_host;

typedef struct sio_adapter sio_adapter;

typedef struct sio_adapter_ops {
    /* A namespace has come into being on this node, or has gone. SIO_EEXISTS, SIO_ENOMEM. */
    int (*open)(sio_adapter *adapter, sio_str nsp);
    void (*close)(sio_adapter *adapter, sio_str nsp);
    /* Send to the other nodes. The adapter fills in uid. While the link is away the message waits;
     * SIO_ELIMIT: the queue is full, the message is counted and dropped. */
    int (*broadcast)(sio_adapter *adapter, const sio_cluster_message *message);
    void (*stats)(const sio_adapter *adapter, sio_cluster_stats *out);
    /* Ends it. What was published is written out first where the link allows it within
     * `SIO_LIMIT_CLOSE_MS`; then `done` is called (never from inside this call) and the adapter is
     * gone. No host call comes after this call. */
    void (*stop)(sio_adapter *adapter, void (*done)(void *data), void *data);
} sio_adapter_ops;

struct sio_adapter {
    const sio_adapter_ops *ops;
};

#endif
