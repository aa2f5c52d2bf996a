/* What the examples of the guide share: the command line [PORT [REDIS]], and the line `listening
 * PORT` once clients may come. */
#ifndef SIO_EXAMPLE_H
#define SIO_EXAMPLE_H

#include <sio/sio.h>

/* Makes a server, lets `setup` give it its handlers, and runs it until SIGINT or SIGTERM. The exit
 * status. */
int example_run(int argc, char **argv, sio_server_options options, int (*setup)(sio_server *io));

/* Listens on the port of the command line, and says so. */
int example_listen(sio_server *io, int argc, char **argv);

#endif
