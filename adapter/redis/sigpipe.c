#include <sio/sys/sigpipe.h>

#include <signal.h>
#include <stddef.h>

static void on_signal(int number)
{
    (void)number;
}

void sio_sigpipe_survive(void)
{
    struct sigaction action, mine = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    sigemptyset(&mine.sa_mask);
    if (sigaction(SIGPIPE, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
        action.sa_handler == SIG_DFL)
        sigaction(SIGPIPE, &mine, NULL);
}
