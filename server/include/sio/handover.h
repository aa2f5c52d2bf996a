/*
 * A new process in place of an old one: it is handed the listening sockets, and the old one lets
 * its clients go in stages (drain.h), as the new one takes them. The sockets stay open all the
 * time: no connection is refused, and none that waits to be accepted is lost.
 *
 * Both call sio_server_handover at their start, with the same path. The old one goes on as ever
 * until the new one's loop runs: if that ends before, or cannot take the sockets, nothing has
 * changed. While both live they pass connections on to each other, by the bytes that have come:
 * polls and upgrades of a session go to the process that has it, new sessions to the new one.
 */
#ifndef SIO_HANDOVER_H
#define SIO_HANDOVER_H

#include <stdint.h>

#include <sio/drain.h>
#include <sio/extern.h>

typedef struct sio_server sio_server;

/* Zero means the default. Strings are copied. */
typedef struct sio_handover_options {
    /* The file of a unix socket, by which the next process asks: at most SIO_LIMIT_UNIX_PATH bytes,
     * and absolute if the process may change its folder. Its mode is 0600, and only processes of
     * the same user, or of root, are served and believed. */
    const char *path;
    uint32_t timeout_ms; /* 5000: for the old process to answer */
    /* How the clients are let go once the next process serves. It may take hours: whoever asks for
     * a new session is served by that one. keep_listening makes no sense here. */
    sio_drain_options drain;
    /* The next process serves, and the drain has begun. May call anything that callbacks may. */
    void (*on_handed_over)(sio_server *server, void *data);
    void *data;
} sio_handover_options;

/*
 * Takes the listening sockets of the process that serves at the path, and their files and options
 * with them; the number of sockets, which are accepted from when the loop runs. 0: there is no such
 * process, listen as ever. In both cases the next process may ask this one from then on, and gets
 * all that is being listened on then. It waits for the old process, so it belongs before the loop
 * runs, and as late as possible: what can fail at a start should have been done.
 *
 * Sockets with TLS are among them, but nobody accepts there until sio_server_listen_tls is called
 * for the same address and port (or path; port 0 means any of that address), before the loop runs:
 * it then takes the one that is there. Certificates are the new process's own matter. Those that it
 * is not called for close when the loop runs.
 *
 * SIO_ETIMEOUT: it does not answer; SIO_EACCESS: it is of another user; SIO_EADDRINUSE: another
 * process is taking its sockets, or it is ending itself; SIO_EPARSE: it is none, or of a version
 * with another protocol; SIO_EINVAL: options make no sense; SIO_EEXISTS: this was called already,
 * or a file that is no socket is in the way; SIO_ECLOSED, SIO_ENOTFOUND (no such folder),
 * SIO_ELIMIT (more sockets than SIO_LIMIT_HANDOVER), SIO_ENOMEM, SIO_ESYSTEM. sio_server_error says
 * more. The old process goes on serving after all of them.
 */
SIO_EXTERN SIO_MUST_USE int sio_server_handover(sio_server *server,
                                                const sio_handover_options *options);

#endif
