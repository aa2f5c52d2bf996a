#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load/process.h"

static uint64_t thread_ns(pid_t pid, const char *thread)
{
    char path[96];
    uint64_t ns = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/task/%.20s/schedstat", (int)pid, thread);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%" SCNu64, &ns) != 1)
        ns = 0;
    fclose(file);
    return ns;
}

/* To the nanosecond, but not every kernel keeps it. */
static uint64_t threads_ns(pid_t pid)
{
    char path[64];
    uint64_t sum = 0;
    struct dirent *entry;

    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    if (!folder)
        return 0;
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            sum += thread_ns(pid, entry->d_name);
    closedir(folder);
    return sum;
}

/* In ticks of usually 10 ms, with the threads that have ended. */
static int ticks_ns(pid_t pid, uint64_t *out)
{
    char path[64], text[1024];
    uint64_t user, sys;

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *end = strrchr(text, ')'); /* a process may be called anything */
    if (!end || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
                       &user, &sys) != 2)
        return -1;
    *out = (user + sys) * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
    return 0;
}

static uint64_t rollup_bytes(pid_t pid, const char *name)
{
    char path[64], line[128];
    uint64_t kib = 0;
    size_t len = strlen(name);

    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, name, len) == 0 && line[len] == ':')
            (void)sscanf(line + len + 1, "%" SCNu64, &kib);
    fclose(file);
    return kib * 1024;
}

static uint64_t resident_bytes(pid_t pid)
{
    char path[64];
    uint64_t pages = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

int bench_process_read(bench_process *out, pid_t pid)
{
    uint64_t ticks;

    if (ticks_ns(pid, &ticks))
        return -1;
    uint64_t ns = threads_ns(pid);
    out->cpu_ns = ns ? ns : ticks;
    out->rss_bytes = resident_bytes(pid);
    out->pss_bytes = rollup_bytes(pid, "Pss");
    return 0;
}
