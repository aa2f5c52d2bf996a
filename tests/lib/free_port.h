/* Ports for programs that cannot choose one themselves, or that come back: as ports.js has them. */
#ifndef SIO_TESTS_FREE_PORT_H
#define SIO_TESTS_FREE_PORT_H

#include <arpa/inet.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* A socket bound to that port; -1: somebody has it. */
static inline int bind_port(int type, int port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

/* One that nobody has now, out of those that a system gives to nobody who asks for any port. The
 * claim, of the UDP port of that number, keeps others away who choose in this way; to be closed. */
static inline int free_port(int *claim)
{
    for (int attempt = 0; attempt < 1000; attempt++) {
        uint16_t random;
        assert_int_equal(getrandom(&random, sizeof random, 0), sizeof random);
        const int port = 10000 + random % 20000;
        *claim = bind_port(SOCK_DGRAM, port);
        const int fd = *claim < 0 ? -1 : bind_port(SOCK_STREAM, port);
        if (fd >= 0) {
            close(fd);
            return port;
        }
        if (*claim >= 0)
            close(*claim);
    }
    fail_msg("no port is free");
    return -1;
}

#endif
