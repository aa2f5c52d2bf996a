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
#include <sio/sys/recovery.h>
#include <sio/sys/request.h>

/*
 * One who asks the other nodes and waits: the server's. The adapter knows it from `ask` until it
 * has called `fail`, or the server has called `forget`; both may be done from within the calls
 * below. Time-outs are the server's.
 */
typedef struct sio_asker sio_asker;
struct sio_asker {
    /* So many other nodes will answer; may come before or after answers, and changes when nodes
     * come to be known as gone. */
    void (*expect)(sio_asker *asker, unsigned nodes);
    /* BROADCAST_ACK: one node has asked so many of its clients. */
    void (*clients)(sio_asker *asker, uint32_t count);
    /* The answer of a node, or for BROADCAST_ACK that of a client. Borrowed for the call. */
    void (*answer)(sio_asker *asker, const sio_value *value);
    /* The question could not be put: SIO_ECLOSED (no link, or it was lost), SIO_ELIMIT, SIO_ENOMEM.
     * The adapter has forgotten it. */
    void (*fail)(sio_asker *asker, int err);
};

/*
 * Where the answers to another node's request go: the adapter's. The server calls `clients` and
 * `answer` as often as there is something to say, now or later, then `end` once, after which it is
 * gone. That works, to no effect, after the adapter has been stopped too.
 */
typedef struct sio_answerer sio_answerer;
struct sio_answerer {
    void (*clients)(sio_answerer *answerer, uint32_t count);
    void (*answer)(sio_answerer *answerer, const sio_value *value);
    void (*end)(sio_answerer *answerer);
};

/* What the server offers an adapter. All are called on the server's loop. */
typedef struct sio_adapter_host {
    void *data;
    /* Whether anyone here is in that room. Asked before a message is decoded. */
    bool (*has_room)(void *data, sio_str nsp, sio_str room);
    /* Whether JSON is all that delivering there takes, at this moment. NULL: it never is. */
    bool (*takes_json)(void *data, sio_str nsp);
    /* Deliver to the clients of this node. The message is borrowed, and decoded: message->data is
     * set, or message->json where the host takes that. */
    void (*deliver)(void *data, const sio_cluster_message *message);
    /* Another node asks. The request is borrowed; `answerer` is NULL when no answer is wanted, else
     * moved. */
    void (*serve)(void *data, const sio_cluster_request *request, sio_answerer *answerer);
    /* Calls `each` for every room that has members here, sockets' own rooms included, in no order:
     * for an adapter that has just begun to care. */
    void (*rooms)(void *data, sio_str nsp, void (*each)(void *each_data, sio_str room),
                  void *each_data);
    /* The link changed its state; `detail` is a sentence for the log. */
    void (*state)(void *data, sio_cluster_state state, const char *detail);
    /* Something to log, at most once a minute for each kind of trouble. */
    void (*warn)(void *data, const char *text);
    /* Random bytes for uids. */
    void (*random)(void *data, void *out, size_t len);
    /* A message has come back to this node so long after it was sent. NULL: nobody wants to know.
     */
    void (*lag)(void *data, uint64_t ns);
} sio_adapter_host;

typedef struct sio_adapter sio_adapter;

#define SIO_ADAPTER_DELIVERS 1

typedef struct sio_adapter_ops {
    /* A namespace has come into being on this node, or has gone. SIO_EEXISTS, SIO_ENOMEM. */
    int (*open)(sio_adapter *adapter, sio_str nsp);
    void (*close)(sio_adapter *adapter, sio_str nsp);
    /* Send to the other nodes. The adapter fills in uid. While the link is away the message waits;
     * SIO_ELIMIT: the queue is full, the message is counted and dropped. SIO_ADAPTER_DELIVERS: it
     * delivers to this node too (recovery.h). */
    int (*broadcast)(sio_adapter *adapter, const sio_cluster_message *message);
    /* Sends a request that wants no answer. Errors as for broadcast. What it asks has been done on
     * this node already. */
    int (*tell)(sio_adapter *adapter, const sio_cluster_request *request);
    /* Asks the other nodes. On 0 the asker is called, never from inside this call; errors as for
     * broadcast, SIO_ECLOSED also when there is no link. */
    int (*ask)(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker);
    void (*forget)(sio_adapter *adapter, sio_asker *asker);
    /* A room of this node, a socket's own included, got its first member, or lost its last. NULL:
     * the adapter does not care. */
    void (*room)(sio_adapter *adapter, sio_str nsp, sio_str room, bool present);
    void (*stats)(const sio_adapter *adapter, sio_cluster_stats *out);
    /* Measures once how long a message takes to come back: host.lag follows, or nothing where the
     * link is away or lost. It is called now and then. NULL: it cannot. */
    void (*probe)(sio_adapter *adapter);
    /* Ends it. What was published is written out first where the link allows it within
     * `SIO_LIMIT_CLOSE_MS`; then `done` is called (never from inside this call) and the adapter is
     * gone. No host call comes after this call. */
    void (*stop)(sio_adapter *adapter, void (*done)(void *data), void *data);
} sio_adapter_ops;

struct sio_adapter {
    const sio_adapter_ops *ops;
    sio_recovery
        *recovery; /* its own, borrowed; NULL: it has none, and the server's memory serves */
};

#endif
