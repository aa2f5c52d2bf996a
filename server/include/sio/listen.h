/*
 * Where a server listens. It may listen in several places at once: TCP addresses, unix sockets, and
 * sockets that it was given by who started it. Only numeric addresses are taken, and "localhost",
 * which is 127.0.0.1.
 *
 * All of it works from sio_server_new until sio_server_close or a sio_server_drain without
 * keep_listening, and is SIO_ECLOSED after these. When it fails nothing has changed; a line of
 * SIO_LOG_ERROR says what exactly is wrong.
 */
#ifndef SIO_LISTEN_H
#define SIO_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/extern.h>

typedef struct sio_server sio_server;

/* Zero means the default. Strings are copied where they are kept. */
typedef struct sio_listen_options {
    const char *host; /* "127.0.0.1", "::", "localhost"; NULL: all addresses, of both families */
    uint16_t port;    /* 0: any free one, see sio_server_port */
    /* A unix socket, in place of host and port: at most SIO_LIMIT_UNIX_PATH bytes, and absolute if
     * the process may change its folder. Its clients have the address "unix:". */
    const char *path;
    uint32_t mode;    /* permissions of the socket's file, as 0660; what the umask leaves of 0777 */
    uint32_t backlog; /* how many the kernel keeps until they are accepted; as many as the system's
                         own maximum, net.core.somaxconn, lets it */
    /* Other processes of this user may listen on the same address and port, if they say so too: the
     * kernel shares the connections out. Who closes loses what it has not accepted yet. */
    bool reuse_port;
    bool ipv6_only; /* "::" and NULL: no clients of IPv4 */
    /* Every connection begins with a header of the PROXY protocol, version 1 or 2, which says where
     * the client is. One without it, and one that comes from none of the options' trusted_proxies
     * (which must not be empty), is closed. */
    bool proxy_protocol;
} sio_listen_options;

/* Listens on a numeric address ("127.0.0.1", "::", NULL for all) or "localhost". Port 0: any free
 * one, see sio_server_port. May be called again for another address. SIO_EADDRINUSE, SIO_EACCESS,
 * SIO_EADDRESS, SIO_ECLOSED, SIO_ENOMEM, SIO_ESYSTEM. */
SIO_EXTERN SIO_MUST_USE int sio_server_listen(sio_server *server, const char *host, uint16_t port);

/* The same with all options. SIO_EINVAL, too: options that do not go together, or a path that is
 * too long. */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_with(sio_server *server,
                                                   const sio_listen_options *options);

/*
 * Listens on a unix socket; `mode` as in sio_listen_options. A socket that nobody listens on any
 * more, as a process leaves it that was killed, is replaced; one that somebody listens on is
 * SIO_EADDRINUSE, and what is no socket SIO_EEXISTS: both stay. The file is removed when the server
 * closes, unless another has taken its place. SIO_ENOTFOUND: there is no such folder; else as for
 * sio_server_listen_with.
 */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_unix(sio_server *server, const char *path,
                                                   uint32_t mode);

/* Accepts from a stream socket (TCP or unix) that is bound already, listening or not; its backlog
 * becomes the default. On success the descriptor is moved: the server closes it; the file of a unix
 * socket stays. SIO_EINVAL: no such socket; SIO_EEXISTS: it is being listened on already;
 * SIO_ECLOSED, SIO_EADDRINUSE, SIO_ENOMEM, SIO_ESYSTEM. */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_fd(sio_server *server, int fd);

/* The same with options, of which backlog and proxy_protocol count: where it listens is decided.
 * SIO_EINVAL, too: others are set. */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_fd_with(sio_server *server, int fd,
                                                      const sio_listen_options *options);

/*
 * Accepts from the sockets that systemd has opened for this process: those of a .socket unit with
 * Accept=no (LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES in the environment, which stays as it is;
 * each may be taken once). `name` is a FileDescriptorName=; NULL takes them all. Their number; 0:
 * the process was started without any, or none has the name: listen elsewhere then. SIO_EPARSE: the
 * variables make no sense; else as for sio_server_listen_fd, where what came before the one that
 * failed is being listened on.
 */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_systemd(sio_server *server, const char *name);

/* The same, each as by sio_server_listen_fd_with. */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_systemd_with(sio_server *server, const char *name,
                                                           const sio_listen_options *options);

/* The TCP port that was listened on last, 0 if there is none yet. */
SIO_EXTERN uint16_t sio_server_port(const sio_server *server);

#endif
