/* Emits through sio_emitter_queue, and writes what it took as JSON:
 *   emit-bench URL ADAPTER COUNT BYTES: COUNT events with one text of BYTES bytes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <sio/emitter.h>

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double wall(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int emit_all(sio_emitter *emitter, long count, const char *text)
{
    const sio_emitter_target target = { .rooms = SIO_EMITTER_ROOMS("news") };
    sio_emitter_tally tally;
    int err = 0;

    for (long i = 0; i < count && !err; i++)
        err = sio_emitter_queue(emitter, &target, "headline", "s", text);
    return err ? err : sio_emitter_flush(emitter, &tally);
}

static sio_emitter_adapter adapter_of(const char *name)
{
    return strcmp(name, "sharded") == 0   ? SIO_EMITTER_SHARDED
           : strcmp(name, "streams") == 0 ? SIO_EMITTER_STREAMS
                                          : SIO_EMITTER_CLASSIC;
}

int main(int argc, char **argv)
{
    sio_emitter *emitter = NULL;
    const long count = argc == 5 ? strtol(argv[3], NULL, 10) : 0;
    const long bytes = argc == 5 ? strtol(argv[4], NULL, 10) : -1;
    char *text = bytes >= 0 ? calloc(1, (size_t)bytes + 1) : NULL;

    if (!text || count < 1) {
        (void)fputs("emit-bench URL ADAPTER COUNT BYTES\n", stderr);
        free(text);
        return 2;
    }
    memset(text, 'x', (size_t)bytes);
    const sio_emitter_options options = { .redis = argv[1], .adapter = adapter_of(argv[2]) };
    int err = sio_emitter_new(&emitter, &options);
    const double wall_before = wall(), cpu_before = cpu();
    if (!err)
        err = emit_all(emitter, count, text);
    if (err)
        (void)fprintf(stderr, "emit-bench: %s\n", sio_emitter_error(emitter));
    else
        (void)printf("{\"seconds\":%.6f,\"cpu\":%.6f}\n", wall() - wall_before, cpu() - cpu_before);
    sio_emitter_free(emitter);
    free(text);
    return err ? 1 : 0;
}
