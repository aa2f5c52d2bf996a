/* What sio-emit does, and what its exit status is. */
#ifndef SIO_EMIT_TASKS_H
#define SIO_EMIT_TASKS_H

#include "command_line.h"

enum {
    EXIT_SENT = 0,
    EXIT_NOBODY = 1,
    EXIT_USAGE = 2,
    EXIT_REDIS = 3,
    EXIT_DOUBT = 4,
    EXIT_MEMORY = 5
};

extern const char emit_help[];

/* Says what is wrong; returns the exit status. `unsure`: it may have been sent. */
int emit_complain(int err, int unsure, const char *text);

/* Do what the command line says with an emitter that is connected; they return the exit status. */
int emit_do(const emit_command_line *line, sio_emitter *emitter);
int emit_lines(const emit_command_line *line, sio_emitter *emitter);

#endif
