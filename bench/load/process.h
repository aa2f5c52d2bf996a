/* What the kernel says about the process under test. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

typedef struct bench_process {
    uint64_t cpu_ns;    /* all its threads, user and system */
    uint64_t rss_bytes; /* resident */
    uint64_t pss_bytes; /* resident, shared pages in proportion; 0 where not readable */
} bench_process;

/* 0, or -1 when there is no such process. */
int bench_process_read(bench_process *out, pid_t pid);

#endif
