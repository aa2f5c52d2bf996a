/* Forks of the process: a child has its parent's connection, and must not speak on it. */
#ifndef SIO_EMITTER_FORK_H
#define SIO_EMITTER_FORK_H

/* How often this process has come out of a fork since it was called first: a number that differs in
 * a child. */
unsigned sio_fork_count(void);

#endif
