#include "quiet.h"

#include <errno.h>
#include <time.h>

static sigset_t only_pipe(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static bool is_pending(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigpending(&set);
    return sigismember(&set, SIGPIPE) == 1;
}

sio_quiet sio_quiet_begin(void)
{
    const sigset_t set = only_pipe();
    sio_quiet quiet = { .pending = is_pending() };

    pthread_sigmask(SIG_BLOCK, &set, &quiet.before);
    return quiet;
}

void sio_quiet_end(const sio_quiet *quiet)
{
    const sigset_t set = only_pipe();
    const struct timespec at_once = { 0 };
    int cause = errno;

    if (!quiet->pending && is_pending())
        sigtimedwait(&set, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
    errno = cause;
}
