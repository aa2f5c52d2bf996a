/* One argument of the event that sio-emit sends, as a value. */
#ifndef SIO_EMIT_ARGUMENT_H
#define SIO_EMIT_ARGUMENT_H

#include <sio/sys/value.h>

/* What goes wrong is written into `error`, as a sentence for the user; the result is SIO_E…. */
typedef struct emit_error {
    char text[512];
} emit_error;

int emit_fail(emit_error *error, int err, const char *format, ...) SIO_PRINTF(3, 4);

/* JSON as what it says, a bare word as text. What begins like JSON and is none is an error, so that
 * a missing quote in somebody's script does not go out to every client. `number` counts
 * the event's arguments from 1, for the error. */
SIO_MUST_USE int emit_argument_guess(sio_arena *arena, sio_value *out, const char *text,
                                     size_t number, emit_error *error);

SIO_MUST_USE int emit_argument_text(sio_value *out, const char *text, size_t number,
                                    emit_error *error);

/* The bytes of a file; of standard input when `path` is NULL. */
SIO_MUST_USE int emit_argument_file(sio_arena *arena, sio_value *out, const char *path,
                                    emit_error *error);

#endif
