/*
 * The loop's side of a server: its handles on the libuv loop, its listeners and connections, and
 * the steps of its end. One for each sio_server, reached by server->net.
 */
#ifndef SIO_NET_LOOP_H
#define SIO_NET_LOOP_H

#include <uv.h>

#include <sio/sys/limits.h>
#include <sio/sys/proxy.h>

#include "core/server.h"
#include "core/visitors.h"
#include "net/compressor.h"
#include "net/cookie.h"
#include "net/cors.h"
#include "net/gather.h"
#include "net/hooks.h"
#include "net/intake.h"
#include "net/mailbox.h"
#include "net/ring.h"
#include "net/static.h"
#include "net/volley.h"
#include "net/watch_state.h"

typedef struct sio_net {
    sio_server *server; /* NULL once it has been freed */
    sio_adapter *adapter;
    uv_loop_t *loop;
    pid_t pid; /* of the process that has made it */
    bool own_loop;
    bool running;   /* sio_server_run is on the stack */
    bool closing;   /* sio_server_close was called */
    bool stopping;  /* every connection is gone, the adapter is being stopped */
    bool closed;    /* no handle is left */
    bool orphan;    /* sio_server_free was called: free this with the last handle */
    bool signalled; /* the signal handles are in use */

    uv_prepare_t before_poll; /* flushes */
    uv_check_t after_poll; /* reads what has come, then does what is due; keeps the server's clock
                              right for the application's own timers */
    uv_idle_t awake;       /* active while there is something to flush: the loop must not sleep */
    uv_timer_t core_timer;
    uv_timer_t timer; /* of the queues below */
    sio_mailbox mailbox;
    uv_signal_t signals[2];
    unsigned handles; /* of those above, the listeners and carriages: not closed yet */
    struct sio_carriage *carriages;

    sio_list listeners;
    sio_list conns;
    sio_list resumes;    /* connections with something to do once the flush is over */
    sio_list admissions; /* that the application has not answered */
    sio_deadlines heads; /* the times of sio_limit_options */
    sio_deadlines bodies;
    sio_deadlines answers;
    sio_deadlines keep_alives;
    sio_deadlines messages; /* of no time: they have none of their own */
    sio_deadlines closes;   /* SIO_LIMIT_CLOSE_MS */
    uint64_t armed;         /* when `timer` fires; UINT64_MAX: it is not set */
    uint64_t end;           /* when what is left is cut off; UINT64_MAX: not closing */
    uint64_t retry;         /* when connections that found no memory are tried again; UINT64_MAX:
                               none wait */
    uint64_t descriptors;   /* the first that is not for clients, when it was last asked for */
    bool core_due;          /* core_timer has fired, and after_poll has not come yet */
    bool timer_due;         /* the same of `timer` */
    bool scarce;            /* descriptors have been so */
    uint32_t accepted;      /* connections, in this turn */
    bool crowded;           /* and others wait for the next one */
    uint64_t complained;    /* when running out of descriptors was logged last; 0: never */

    sio_static files;
    sio_compressor *compressor;
    size_t compress_from; /* bytes of a body; SIZE_MAX: never */
    sio_cors cors;
    sio_cookie cookie;
    sio_trust trust; /* trusted_proxies */
    sio_visitors visitors;
    uint32_t turned_away; /* connections that were refused and are not closed yet */
    sio_hooks hooks;
    bool drain_on_sigterm;
    sio_drain_options drain;
    struct sio_handover *handover; /* NULL: no process is before or after this one */
    char *path;                    /* what URLs of the engine begin with: "/socket.io/" */
    size_t path_len;
    uint16_t port;
    uint64_t bytes_in; /* of all connections */
    uint64_t bytes_out;
    sio_watch watch;

    sio_ring ring;
    sio_crew *crew;               /* NULL: no threads help */
    sio_intake intake;            /* connections with something to be read */
    char input[SIO_LIMIT_READ];   /* what has just been read, from whichever connections */
    char output[SIO_LIMIT_WRITE]; /* what is about to be written */
    sio_gather gather;            /* the same, to WebSockets */
    sio_volley volley;            /* and all that is on its way to the kernel */
} sio_net;

/* New, with its handles on `loop`, or on a loop of its own if that is NULL. SIO_ENOMEM,
 * SIO_ESYSTEM. */
int sio_net_new(sio_net **out, uv_loop_t *loop);

/* Gives it up: its handles are closed and it is freed with the last of them. A loop of its own is
 * run to that end. */
void sio_net_release(sio_net *net);

/* Not so in a child of fork: its descriptors are the parent's too, the loop's own included, so that
 * nothing there may be changed. */
bool sio_net_is_ours(const sio_net *net);

/* Takes the times over from the server's options. */
void sio_net_set_times(sio_net *net, const sio_limit_options *limits);

/* What the core calls; `data` is the sio_net. */
extern const sio_net_ops sio_net_ops_uv;

/* Sets the server's clock: first thing in every callback of libuv. */
void sio_net_now(sio_net *net);

/* Puts a deadline into one of the queues and sees to it that the timer fires for it. */
void sio_net_deadline(sio_net *net, sio_deadlines *queue, sio_deadline *deadline);

/* There was no memory for a connection that waits to be accepted: sio_listen_resume follows. */
void sio_net_stall(sio_net *net);

/* Calls sio_conn_resume for it once the flush is over; until then it is not read from. */
void sio_net_resume(struct sio_conn *conn);

/* Sends what there is: to those who have been served, before others are. */
void sio_net_flush(sio_net *net);

/* Closes a handle that is counted in `handles`; `handle->data` must be the sio_net. */
void sio_net_close_handle(uv_handle_t *handle, uv_close_cb callback);
void sio_net_handle_closed(uv_handle_t *handle);

/* One that is counted in `handles` has gone. */
void sio_net_release_handle(sio_net *net);

/* Begins to close everything; and cuts off what is left. */
void sio_net_close(sio_net *net);
void sio_net_cut(sio_net *net);

/* The next step of closing, if it is time for it. */
void sio_net_progress(sio_net *net);

/* ---- of loop.c, core_ops.c and ending.c, for each other ---- */

/* As sio_net_ops has them, of a sio_net: the loop does not sleep; the core's next deadline. */
void sio_net_wake(void *data);
void sio_net_arm_core(void *data, uint64_t due);

/* Has the timer of connections fire then, if not before. */
void sio_net_arm(sio_net *net, uint64_t due);

/* From the kernel. SIO_ESYSTEM. */
int sio_net_random(void *out, size_t len);

/* Frees the loop if it is the server's own. */
void sio_net_free_loop(sio_net *net);

#endif
