#include "net/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define HAS_MALLINFO2
#endif
#endif

/* A small file of the kernel's, as text; false: there is none. */
static bool read_text(const char *path, char *out, size_t size)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const ssize_t len = read(fd, out, size - 1);
    close(fd);
    if (len < 0)
        return false;
    out[len] = '\0';
    return true;
}

static void read_memory(sio_process *out)
{
    char text[128], *rest;
    const long page = sysconf(_SC_PAGESIZE);
    if (page <= 0 || !read_text("/proc/self/statm", text, sizeof(text)))
        return;
    out->virtual_bytes = strtoull(text, &rest, 10) * (uint64_t)page;
    out->resident_bytes = strtoull(rest, NULL, 10) * (uint64_t)page;
}

static void read_allocator(sio_process *out)
{
#ifdef HAS_MALLINFO2
    const struct mallinfo2 info = mallinfo2();
    out->allocated_bytes = (uint64_t)info.uordblks + info.hblkhd;
#else
    (void)out;
#endif
}

/* Since Linux 6.2 the folder's size is their number; before, they are counted, each scrape anew. */
static uint64_t count_descriptors(void)
{
    struct stat info;
    if (stat("/proc/self/fd", &info) == 0 && info.st_size > 0)
        return (uint64_t)info.st_size;
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count > 0 ? count - 1 : 0;
}

static void read_descriptors(sio_process *out)
{
    struct rlimit limit;
    out->open_descriptors = count_descriptors();
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        out->max_descriptors = limit.rlim_cur;
}

static int64_t us_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static void read_time(sio_process *out)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        out->cpu_s = (double)(us_of(usage.ru_utime) + us_of(usage.ru_stime)) / 1e6;
}

/* The 22nd field of its line; the second is a name in brackets, which may hold blanks. */
static const char *find_start(const char *line)
{
    const char *field = strrchr(line, ')');
    for (int i = 2; field && i < 22; i++)
        field = strchr(field + 1, ' ');
    return field;
}

double sio_process_start(void)
{
    struct timespec up, now;
    char text[1024];
    const long ticks = sysconf(_SC_CLK_TCK);
    if (ticks <= 0 || !read_text("/proc/self/stat", text, sizeof(text)) ||
        clock_gettime(CLOCK_BOOTTIME, &up) || clock_gettime(CLOCK_REALTIME, &now))
        return 0;
    const char *field = find_start(text);
    if (!field)
        return 0;
    const double since_boot = (double)strtoull(field, NULL, 10) / (double)ticks;
    const double boot = (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9;
    return boot + since_boot;
}

void sio_process_read(sio_process *out)
{
    *out = (sio_process){ 0 };
    read_memory(out);
    read_allocator(out);
    read_descriptors(out);
    read_time(out);
}
