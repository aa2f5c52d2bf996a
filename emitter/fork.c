#include "fork.h"

#include <pthread.h>

static unsigned forks;

static void on_child(void)
{
    forks++;
}

static void watch(void)
{
    (void)pthread_atfork(NULL, NULL, on_child);
}

unsigned sio_fork_count(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, watch);
    return forks;
}
