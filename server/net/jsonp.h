/* JSONP: a poll's payload as a script that hands it to a function of the page, a POST as a form.
 * For browsers, or pages, that can do no better. */
#ifndef SIO_NET_JSONP_H
#define SIO_NET_JSONP_H

#include <stdbool.h>

#include <sio/sys/buf.h>
#include <sio/sys/limits.h>
#include <sio/sys/str.h>

/* What parameter `j` asks for. */
typedef struct sio_jsonp {
    bool wanted;
    char index[SIO_LIMIT_JSONP_DIGITS + 1]; /* the function is ___eio[index] */
} sio_jsonp;

/* Reads the parameter from a URL; of its value only digits count. SIO_ELIMIT: too long, or of more
 * than SIO_LIMIT_JSONP_DIGITS. */
int sio_jsonp_read(sio_jsonp *out, sio_str url);

/* Appends the script. The buffer has what goes wrong. */
void sio_jsonp_write(sio_buf *out, const sio_jsonp *jsonp, sio_str payload);

/* Makes the payload out of a form, in place, and sets its length. False if the form has no field
 * `d`, or several. */
bool sio_jsonp_unpack(char *form, size_t *len);

#endif
