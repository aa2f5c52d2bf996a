/* What a run has found, for people or for programs. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "load/run.h"

/* On stdout, as the run's options want it. */
void bench_report(const bench_run *run);

#endif
