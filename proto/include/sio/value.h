/*
 * Values: what events carry. A value is null, a boolean, a number, a string, bytes, a date, an
 * array or a map from strings to values: all that JSON, and Socket.IO with its binary attachments,
 * can say.
 *
 * A `const sio_value *` that the library hands out is borrowed and immutable: it lives as long as
 * the call that handed it out. Keep it with sio_value_copy. Every reader takes NULL, which reads
 * like `undefined` in JavaScript, so a chain of lookups needs one check at its end.
 */
#ifndef SIO_VALUE_H
#define SIO_VALUE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>

typedef struct sio_value sio_value;

typedef enum sio_type {
    SIO_TYPE_UNDEFINED, /* no value at all: null in arrays, left out of maps */
    SIO_TYPE_NULL,
    SIO_TYPE_BOOL,
    SIO_TYPE_INT,    /* fits int64_t */
    SIO_TYPE_UINT,   /* above INT64_MAX */
    SIO_TYPE_DOUBLE, /* has a fraction, or is out of range, NaN or infinite */
    SIO_TYPE_STRING,
    SIO_TYPE_BINARY,
    SIO_TYPE_DATE, /* milliseconds since 1970 */
    SIO_TYPE_ARRAY,
    SIO_TYPE_MAP
} sio_type;

/* ---- reading ---- */

/* The type; SIO_TYPE_UNDEFINED for NULL. */
SIO_EXTERN sio_type sio_value_type(const sio_value *value);

/* True for the boolean true only. */
SIO_EXTERN bool sio_value_bool(const sio_value *value);

/* A number, or the milliseconds of a date, as an integer: doubles are truncated, what does not fit
 * is clamped, all else is 0. */
SIO_EXTERN int64_t sio_value_int(const sio_value *value);

/* A number, or the milliseconds of a date, as a double; 0 for all else. */
SIO_EXTERN double sio_value_double(const sio_value *value);

/* The bytes of a string, NUL-terminated, or NULL if it is none. `length` (may be NULL) gets the
 * count of bytes, which matters when the text holds a NUL itself. Borrowed from the value. */
SIO_EXTERN const char *sio_value_string(const sio_value *value, size_t *length);

/* The bytes of a binary value and their count, or NULL if it is none. Borrowed from the value. */
SIO_EXTERN const void *sio_value_binary(const sio_value *value, size_t *length);

/* The number of items of an array or of entries of a map; 0 for all else. */
SIO_EXTERN size_t sio_value_count(const sio_value *value);

/* Item `index` of an array, or the value of entry `index` of a map; NULL beyond the end. */
SIO_EXTERN const sio_value *sio_value_at(const sio_value *value, size_t index);

/* The key of entry `index` of a map (a string value); NULL beyond the end or for all else. */
SIO_EXTERN const sio_value *sio_value_key(const sio_value *value, size_t index);

/* The value under `key` of a map, the last one if the key comes twice; NULL if there is none. */
SIO_EXTERN const sio_value *sio_value_get(const sio_value *value, const char *key);

/* Whether two values are equal in type and content; numbers compare by their value (NaN equals
 * nothing), maps in any order, undefined entries of maps like missing ones. The time
 * grows with the square of a map's entries: mind what a client may have sent. */
SIO_EXTERN bool sio_value_equal(const sio_value *a, const sio_value *b);

/* ---- making ---- */

/*
 * A new value from a format, to be freed with sio_value_free. The same format builds the arguments
 * of events; there it is a sequence, and each value of it is one argument.
 *
 *   format   takes                          makes
 *   n                                       null
 *   b        int                            boolean
 *   i        int                            integer
 *   I        int64_t                        integer
 *   f        double                         number (an integral one is written as an integer)
 *   s        const char *                   string; NULL is null
 *   s#       const char *, size_t           string of that many bytes; NULL is null
 *   B        const void *, size_t           bytes: they travel as a binary attachment
 *   D        int64_t                        date, milliseconds since 1970
 *   v        const sio_value *              that value, copied; NULL is null
 *   V        const sio_value *              the items of that array, one after the other
 *   V#       const sio_value *, size_t      the same from that index on
 *   [ … ]    values                         array
 *   { … }    s or s#, and a value, repeated map; a value that is undefined leaves its key out
 *
 * Blanks, `,` and `:` may stand between, and mean nothing. Strings must be UTF-8.
 *
 * SIO_EFORMAT: the format is wrong. SIO_EUTF8: a string is not UTF-8. SIO_EDEPTH, SIO_ELIMIT: the
 * value exceeds SIO_LIMIT_DEPTH or SIO_LIMIT_LENGTH. SIO_ENOMEM.
 */
SIO_EXTERN SIO_MUST_USE int sio_value_new(sio_value **out, const char *format, ...);
SIO_EXTERN SIO_MUST_USE int sio_value_vnew(sio_value **out, const char *format, va_list arguments);

/* A new deep copy; of NULL, undefined. Errors: SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_value_copy(sio_value **out, const sio_value *value);

/* A new value from JSON text as RFC 8259 has it, one document. Errors: SIO_EPARSE, SIO_EDEPTH,
 * SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_value_from_json(sio_value **out, const char *text, size_t length);

/* The value as JSON text, NUL-terminated, byte for byte as JSON.stringify writes it (bytes as
 * Node.js writes a Buffer, dates as ISO strings, NaN and infinities as null). New: give it to
 * sio_free. `length` may be NULL. Errors: SIO_ENOMEM, SIO_ELIMIT. */
SIO_EXTERN SIO_MUST_USE int sio_value_to_json(const sio_value *value, char **out, size_t *length);

/* Frees what the functions above made. NULL is allowed. Never for a borrowed value. */
SIO_EXTERN void sio_value_free(sio_value *value);

/* Frees memory that the library handed over as "new" plain bytes. NULL is allowed. */
SIO_EXTERN void sio_free(void *memory);

#endif
