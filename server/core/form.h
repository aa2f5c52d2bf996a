/* What is written as a form: `name=value&…`, in queries and in bodies. */
#ifndef SIO_CORE_FORM_H
#define SIO_CORE_FORM_H

#include <stdbool.h>

#include <sio/sys/str.h>

/* Takes the next field off `rest`, still encoded; one without `=` has an empty value. False at the
 * end. All borrowed. */
bool sio_form_next(sio_str *rest, sio_str *name, sio_str *value);

/* Decodes: `+` is a space, %XX a byte, what is no escape stays as it is. Returns the length, which
 * is no greater than before. `out` may be where the text is. */
size_t sio_form_decode(char *out, sio_str text);

#endif
