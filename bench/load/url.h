/* The address of a server. */
#ifndef BENCH_URL_H
#define BENCH_URL_H

#include "load/options.h"

/* 0, or -1 after a message on stderr. */
int bench_url_read(bench_url *out, const char *text);

#endif
