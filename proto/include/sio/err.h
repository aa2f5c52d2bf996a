/*
 * Errors. Every function that can fail returns 0 (or a count) or one of these negative numbers;
 * the list is the whole list.
 */
#ifndef SIO_ERR_H
#define SIO_ERR_H

#include <sio/extern.h>

#define SIO_ERR_MAP(XX)                                                                            \
    XX(ENOMEM, -1, "out of memory")                                                                \
    XX(EINVAL, -2, "invalid argument")                                                             \
    XX(EFORMAT, -3, "invalid format of arguments")                                                 \
    XX(EAGAIN, -4, "more input is needed")                                                         \
    XX(EPARSE, -5, "malformed input")                                                              \
    XX(ELIMIT, -6, "a limit is exceeded")                                                          \
    XX(EDEPTH, -7, "nested too deeply")                                                            \
    XX(EUTF8, -8, "not valid UTF-8")                                                               \
    XX(ERESERVED, -9, "reserved event name")                                                       \
    XX(ECLOSED, -10, "already closed")                                                             \
    XX(ENOTFOUND, -11, "not found")                                                                \
    XX(EEXISTS, -12, "exists already")                                                             \
    XX(EURL, -13, "malformed URL")                                                                 \
    XX(EADDRESS, -14, "address not available")                                                     \
    XX(EADDRINUSE, -15, "address already in use")                                                  \
    XX(EACCESS, -16, "permission denied")                                                          \
    XX(ECONNECT, -17, "cannot connect")                                                            \
    XX(EAUTH, -18, "authentication refused")                                                       \
    XX(EREDIS, -19, "error from Redis")                                                            \
    XX(ETIMEOUT, -20, "timed out")                                                                 \
    XX(ESYSTEM, -21, "system error")                                                               \
    XX(ENOTSUP, -22, "not supported by this build")

typedef enum sio_err {
#define XX(name, number, text) SIO_##name = (number),
    SIO_ERR_MAP(XX)
#undef XX
} sio_err;

/* The name ("SIO_ENOMEM") and a sentence ("out of memory") for an error. Borrowed, static. For 0:
 * "SIO_OK", "no error"; for a number that is no error: "SIO_EUNKNOWN", "unknown error". */
SIO_EXTERN const char *sio_err_name(int err);
SIO_EXTERN const char *sio_err_message(int err);

#endif
