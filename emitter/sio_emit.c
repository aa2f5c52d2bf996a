/* sio-emit: speaks to the clients of a cluster, from a shell or a cron job. */
#include <stdio.h>
#include <stdlib.h>

#include <sio/version.h>

#include "tasks.h"

static int connect_and_do(const emit_command_line *line)
{
    sio_emitter *emitter;
    int err = sio_emitter_new(&emitter, &line->options);
    int status = err ? emit_complain(err, 0, sio_emitter_error(emitter)) : emit_do(line, emitter);

    sio_emitter_free(emitter);
    return status;
}

static int run(emit_command_line *line, int argc, char **argv)
{
    int err = emit_command_line_read(line, argc, argv);

    if (err)
        return emit_complain(err, 0, line->error.text);
    if (line->task != EMIT_HELP && line->task != EMIT_VERSION)
        return connect_and_do(line);
    if (line->task == EMIT_HELP)
        (void)fputs(emit_help, stdout);
    else
        (void)printf("sio-emit %s\n", sio_version_string());
    return fflush(stdout) ? EXIT_USAGE : EXIT_SENT;
}

int main(int argc, char **argv)
{
    const char *redis = getenv("SIO_REDIS");
    emit_command_line line = { .options.redis = redis && *redis ? redis : NULL };
    int status = run(&line, argc, argv);

    emit_command_line_free(&line);
    return status;
}
