/* What stands in a packet's JSON for an attachment: {"_placeholder":true,"num":N}. */
#ifndef SIO_SIO_PLACEHOLDER_H
#define SIO_SIO_PLACEHOLDER_H

#include <sio/sys/value.h>

/* Puts attachments where their placeholders are, anywhere in a tree whose arena is the caller's
 * own, and marks the way to them as binary. SIO_EPARSE: a placeholder of none of them. */
SIO_MUST_USE int sio_placeholder_fill(sio_value *tree, const sio_value *attachments,
                                      unsigned count);

#endif
