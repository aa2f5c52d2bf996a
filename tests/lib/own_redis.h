/* A loop, and a Redis, of the test's own. */
#ifndef SIO_TESTS_OWN_REDIS_H
#define SIO_TESTS_OWN_REDIS_H

#include <signal.h>
#include <stdio.h>

#include "await.h"
#include "redis_process.h"

static redis_process redis;

static inline const char *tcp_url(void)
{
    static char url[64];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", redis.port);
    return url;
}

static inline int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    await_open();
    redis_process_start(&redis, NULL);
    return 0;
}

/* Not 0: a handle of what was tested is left in the loop. */
static inline int tear_down(void **state)
{
    (void)state;
    redis_process_end(&redis);
    return await_close();
}

#endif
