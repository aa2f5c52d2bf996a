/* What is written as a form: `name=value&…`, in queries and in bodies. */
#ifndef SIO_CORE_FORM_H
#define SIO_CORE_FORM_H

#include <stdbool.h>

#include <sio/sys/str.h>

/* The query of a URL: what stands between `?` and `#`. Borrowed. */
sio_str sio_form_query(sio_str url);

/* Takes the next field off `rest`, still encoded; one without `=` has an empty value. False at the
 * end. All borrowed. */
bool sio_form_next(sio_str *rest, sio_str *name, sio_str *value);

/* Decodes: `+` is a space, %XX a byte, what is no escape stays as it is. Writes at most `size`
 * bytes and returns the length of all, which is no greater than before. `out` may be where the text
 * is. */
size_t sio_form_decode(char *out, size_t size, sio_str text);

#endif
