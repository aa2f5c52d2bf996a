/*
 * The value tree from inside, and its two encodings. Trees live in an arena; arrays are runs of
 * values, maps are runs of key, value, key, value.
 */
#ifndef SIO_SYS_VALUE_H
#define SIO_SYS_VALUE_H

#include <sio/sys/arena.h>
#include <sio/sys/buf.h>
#include <sio/sys/str.h>
#include <sio/value.h>

struct sio_value {
    uint8_t type;   /* sio_type */
    uint8_t binary; /* arrays, maps and binaries: whether a binary value is in it, at any depth */
    uint8_t depth;  /* arrays and maps: 1 more than the deepest value in it; at most 255 */
    uint32_t count; /* bytes, items or entries */
    union {
        bool boolean;
        int64_t integer; /* also a date */
        uint64_t uinteger;
        double number;
        const char *text; /* NUL-terminated where an application may read it */
        const void *bytes;
        const sio_value *items;
    } as;
};

/* Constructors by value; texts, bytes and items stay borrowed. Items of a map are 2 * `count`
 * values: key, value, key, value. */
static inline sio_value sio_value_null(void)
{
    return (sio_value){ .type = SIO_TYPE_NULL };
}
static inline sio_value sio_value_of_bool(bool boolean)
{
    return (sio_value){ .type = SIO_TYPE_BOOL, .as.boolean = boolean };
}
SIO_EXTERN sio_value sio_value_of_string(sio_str text);
SIO_EXTERN sio_value sio_value_of_int(int64_t integer);
/* As JavaScript counts: an integral one that fits becomes INT or UINT. */
SIO_EXTERN sio_value sio_value_of_double(double number);
SIO_EXTERN sio_value sio_value_of_binary(const void *bytes, size_t len);
SIO_EXTERN sio_value sio_value_of_array(const sio_value *items, size_t count);
SIO_EXTERN sio_value sio_value_of_map(const sio_value *items, size_t count);

/* The number of binary values in it, at any depth: what would travel as attachments. */
SIO_EXTERN size_t sio_value_attachments(const sio_value *value);

/* The array of what `format` makes (value.h has the format), in the arena. Strings, bytes and
 * values are borrowed, not copied: for arguments that are encoded before the caller returns. With
 * `first` not NULL that string becomes item 0 (the name of an event). */
SIO_EXTERN SIO_MUST_USE int sio_value_pack(sio_arena *arena, sio_value *out, const char *first,
                                           const char *format, va_list arguments);

/* A deep copy into the arena. Errors: SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_value_clone(sio_arena *arena, sio_value *out,
                                            const sio_value *value);

/* What that takes of the arena. */
SIO_EXTERN size_t sio_value_clone_size(const sio_value *value);

/* ---- numbers ---- */

#define SIO_NUMBER_SIZE 32

/* The text that JavaScript's String(number) has. Returns its length; no NUL is written. */
SIO_EXTERN size_t sio_number_text(char out[SIO_NUMBER_SIZE], double number);

/* ---- dates ---- */

/* Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar without an end.
 */
SIO_EXTERN void sio_date_civil(int64_t days, int *year, int *month, int *day);

/* ---- JSON (RFC 8259; written as ECMA-262's JSON.stringify does) ---- */

/* One document. Strings are copied into the arena. Lone surrogates in \u escapes are an error. A
 * key that comes twice stays twice, here and in what is written: every reader takes the last.
 * Errors: SIO_EPARSE, SIO_EDEPTH, SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_json_read(sio_arena *arena, sio_value *out, const char *text,
                                          size_t len);

/* The same for messages of the cluster, which may be SIO_LIMIT_DEPTH_ENVELOPE deeper. */
SIO_EXTERN SIO_MUST_USE int sio_json_read_enveloped(sio_arena *arena, sio_value *out,
                                                    const char *text, size_t len);

/* Collects the binary values that sio_json_write replaces by {"_placeholder":true,"num":N}. */
typedef struct sio_attachments {
    const sio_value *items[10]; /* SIO_LIMIT_ATTACHMENTS */
    unsigned count;
} sio_attachments;

/* Appends the value. With `attachments`, binary goes there in order of appearance; without, it is
 * written as Node.js writes a Buffer: {"type":"Buffer","data":[…]}. The outermost undefined is
 * null. Errors: SIO_ELIMIT (too many attachments), else what the buffer says (out->err). */
SIO_EXTERN SIO_MUST_USE int sio_json_write(sio_buf *out, const sio_value *value,
                                           sio_attachments *attachments);

/* Appends a number as JavaScript has it; null for what is not finite. */
SIO_EXTERN void sio_json_write_number(sio_buf *out, double number);

/* Appends a quoted JSON string. */
SIO_EXTERN void sio_json_write_string(sio_buf *out, const char *text, size_t len);

/* ---- MessagePack (as notepack.io 3.0 writes it; 2.x is read too) ---- */

/* Reads one value from the front; `used` (may be NULL) gets its length. Nothing is allocated that
 * the bytes which are there do not pay for. As in notepack, an unknown extension is an array of its
 * type and its bytes, and text that is not UTF-8 is repaired. Errors: SIO_EPARSE (also cut off
 * input), SIO_EDEPTH, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_msgpack_read(sio_arena *arena, sio_value *out, const void *data,
                                             size_t len, size_t *used);

/* The length of the value at the front, without building it and however deep it is. Errors:
 * SIO_EPARSE. */
SIO_EXTERN SIO_MUST_USE int sio_msgpack_skip(const void *data, size_t len, size_t *used);

/* Appends the value. Integral doubles go as integers, undefined map entries are left out. */
SIO_EXTERN void sio_msgpack_write(sio_buf *out, const sio_value *value);

/* As notepack.io 2 writes it, which socket.io-msgpack-parser is built on and which knows no
 * timestamps: dates and undefined are extensions of type 0, undefined map entries stay. */
SIO_EXTERN void sio_msgpack_write_2(sio_buf *out, const sio_value *value);

#endif
