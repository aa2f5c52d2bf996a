/* Ports for servers that a test stops and starts again. */
#ifndef SIO_TESTS_FREE_PORT_H
#define SIO_TESTS_FREE_PORT_H

#include <arpa/inet.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* One that nobody has now, out of those that no system gives to who asks for any port: nobody else
 * gets it while the server is away. */
static inline int free_port(void)
{
    for (int attempt = 0; attempt < 1000; attempt++) {
        uint16_t random;
        assert_int_equal(getrandom(&random, sizeof random, 0), sizeof random);
        const int port = 10000 + random % 20000;
        const struct sockaddr_in address = { .sin_family = AF_INET,
                                             .sin_port = htons((uint16_t)port),
                                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        const int err = bind(fd, (const struct sockaddr *)&address, sizeof address);
        close(fd);
        if (!err)
            return port;
    }
    fail_msg("no port is free");
    return -1;
}

#endif
