/* The file of a unix socket: how it comes to its path, and how it goes. */
#ifndef SIO_NET_SOCKETFILE_H
#define SIO_NET_SOCKETFILE_H

#include <sio/listen.h>

typedef struct sio_socketfile sio_socketfile;

/* A new socket that listens at options->path, and its file. Errors as for sio_server_listen_unix;
 * `why` says more where there is more to say, else it is NULL. */
int sio_socketfile_open(sio_socketfile **out, int *fd, const sio_listen_options *options,
                        const char **why);

/* Removes the file, if it is still that of this socket, and frees. NULL is allowed. */
void sio_socketfile_close(sio_socketfile *file);

#endif
