/* A private redis-server, ended with the test. */
#ifndef SIO_TESTS_REDIS_PROCESS_H
#define SIO_TESTS_REDIS_PROCESS_H

#include <sys/types.h>

typedef struct redis_process {
    pid_t pid; /* 0: not running */
    int port;  /* of 127.0.0.1 */
    int claim; /* what keeps it free while it is away */
    char folder[32];
    char socket[48]; /* it listens here too */
    const char *password;
    const char *const *extra; /* further arguments, NULL-terminated; or NULL */
    char config[64];          /* a file: it runs as a sentinel, */
    int master_port;          /* of this master */
} redis_process;

/* A port of 127.0.0.1 that nobody listens on, held until the descriptor is closed. */
int redis_process_hold_port(int *port);

/* Starts it on a free port and waits until it accepts connections. `password` NULL: none. */
void redis_process_start(redis_process *redis, const char *password);

/* The same with more arguments; if `extra` has --tls-cert-file, the port speaks TLS. */
void redis_process_start_with(redis_process *redis, const char *const *extra);

/* A sentinel that alone decides about the master "m" at that port. `password` NULL: none. */
void redis_process_start_sentinel(redis_process *redis, int master_port, const char *password);

/* Kills it; and starts it again on the same port. */
void redis_process_kill(redis_process *redis);
void redis_process_again(redis_process *redis);

/* Kills it and removes its folder. */
void redis_process_end(redis_process *redis);

#endif
