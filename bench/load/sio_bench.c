/* sio-bench: a load generator for any Socket.IO server. */
#include <signal.h>
#include <stdio.h>

#include <sio/sys/mem.h>

#include "load/report.h"

static int run_and_report(const bench_options *options)
{
    bench_run *run = sio_mem_alloc(sizeof *run);

    if (!run) {
        (void)fputs("sio-bench: out of memory\n", stderr);
        return 1;
    }
    int failed = bench_run_do(run, options);
    if (failed)
        (void)fprintf(stderr, "sio-bench: %s\n", run->failure);
    else
        bench_report(run);
    bench_run_free(run);
    sio_mem_free(run);
    return failed || fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
    bench_options options;
    int result = bench_options_read(&options, argc, argv);

    if (result)
        return result < 0 ? 2 : 0;
    (void)signal(SIGPIPE, SIG_IGN);
    return run_and_report(&options);
}
