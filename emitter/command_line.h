/* The command line of sio-emit. */
#ifndef SIO_EMIT_COMMAND_LINE_H
#define SIO_EMIT_COMMAND_LINE_H

#include <stdbool.h>

#include <sio/emitter.h>

#include "argument.h"

typedef enum emit_task {
    EMIT_SEND, /* an event: to clients, or to servers */
    EMIT_LINES,
    EMIT_JOIN,
    EMIT_LEAVE,
    EMIT_DISCONNECT,
    EMIT_FETCH,
    EMIT_COUNT,
    EMIT_HELP,
    EMIT_VERSION
} emit_task;

typedef struct emit_command_line {
    emit_task task;
    sio_emitter_options options;
    sio_emitter_target target;
    bool to_servers;
    bool ack;
    bool close; /* EMIT_DISCONNECT */
    const char *event;
    sio_value *arguments;
    size_t arguments_count;
    bool stdin_taken;
    const char **rooms; /* what target's lists point to while they grow */
    const char **except;
    const char **moves; /* EMIT_JOIN, EMIT_LEAVE: NULL-terminated */
    size_t rooms_count;
    size_t except_count;
    size_t moves_count;
    sio_arena arena; /* all of it lives here, or in argv */
    emit_error error;
} emit_command_line;

/* Fills zeroed memory. On an error error.text says what to do about it. Free it in any case. */
SIO_MUST_USE int emit_command_line_read(emit_command_line *line, int argc, char **argv);
void emit_command_line_free(emit_command_line *line);

/* ---- command_options.c ---- */

/* `rest` are the words that follow; returns how many of them were used, or an error. */
SIO_MUST_USE int emit_option_read(emit_command_line *line, char **rest);

const char *emit_adapter_name(sio_emitter_adapter adapter);

/* The next argument of the event, to be filled. */
sio_value *emit_next_argument(emit_command_line *line);

#endif
