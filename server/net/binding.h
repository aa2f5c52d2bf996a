/* Sockets before they are a server's: bound and listening descriptors. */
#ifndef SIO_NET_BINDING_H
#define SIO_NET_BINDING_H

#include <sio/listen.h>

/* A new TCP socket that listens at options->host and port; closed on exec. Errors as for
 * sio_server_listen. */
int sio_binding_tcp(int *fd, const sio_listen_options *options);

/* Makes one that was handed in listen; closed on exec from then on. SIO_EINVAL: it is no stream
 * socket that can; `why` says what it is. */
int sio_binding_adopt(int fd, const char **why);

/* Whether a socket of TCP listens where the options say; any port, if they name none. */
bool sio_binding_is_at(int fd, const sio_listen_options *options);

/* Where it listens; 0: it has no port. */
uint16_t sio_binding_port(int fd);

/* Its address and port, for people. */
#define SIO_BINDING_TEXT 72
void sio_binding_text(int fd, char out[SIO_BINDING_TEXT]);

/* SIO_E… for an errno. */
int sio_binding_error(int number);

/* The backlog that an option of it means. */
int sio_binding_backlog(uint32_t backlog);

#endif
