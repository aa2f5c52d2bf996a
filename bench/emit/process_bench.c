/* Runs a command as often as it is told, and writes what each life took as JSON:
 *   process-bench COUNT COMMAND [ARGUMENT]... */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double wall(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void become(char **command)
{
    int nothing = open("/dev/null", O_RDWR);

    if (nothing >= 0 && dup2(nothing, STDOUT_FILENO) >= 0 && dup2(nothing, STDERR_FILENO) >= 0)
        execvp(command[0], command);
    _exit(127);
}

static int run_once(char **command)
{
    struct rusage usage;
    const double begin = wall();
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        become(command);
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) > 1)
        return 1;
    (void)printf("{\"seconds\":%.6f,\"cpu\":%.6f,\"kib\":%ld}\n", wall() - begin,
                 seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
    return 0;
}

int main(int argc, char **argv)
{
    const long count = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    int failed = count < 1;

    if (failed)
        (void)fputs("process-bench COUNT COMMAND [ARGUMENT]...\n", stderr);
    for (long i = 0; i < count && !failed; i++)
        failed = run_once(argv + 2);
    return failed;
}
