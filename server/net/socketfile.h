/* The file of a unix socket: how it comes to its path, and how it goes. */
#ifndef SIO_NET_SOCKETFILE_H
#define SIO_NET_SOCKETFILE_H

#include <sio/listen.h>

typedef struct sio_socketfile sio_socketfile;

/* A new socket of this type (SOCK_STREAM) that listens at options->path, and its file. Errors as
 * for sio_server_listen_unix; `why` says more where there is more to say, else it is NULL. */
int sio_socketfile_open(sio_socketfile **out, int *fd, int type, const sio_listen_options *options,
                        const char **why);

/* The file of a socket that another process has made, and its description for the next one. NULL
 * when memory is out. */
sio_socketfile *sio_socketfile_adopt(const char *path, uint64_t device, uint64_t inode);
const char *sio_socketfile_show(const sio_socketfile *file, uint64_t *device, uint64_t *inode);

/* Frees, and leaves the file to whoever has the socket now. NULL is allowed. */
void sio_socketfile_leave(sio_socketfile *file);

/* Removes the file, if it is still that of this socket, and frees. NULL is allowed. */
void sio_socketfile_close(sio_socketfile *file);

#endif
