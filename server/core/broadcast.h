/* One event for many: encoded once, queued as a reference for each receiver. */
#ifndef SIO_CORE_BROADCAST_H
#define SIO_CORE_BROADCAST_H

#include <stdarg.h>

#include <sio/namespace.h>
#include <sio/sys/rooms.h>
#include <sio/sys/value.h>

#include "core/reply.h"

/* To the clients of this node, and by the adapter to the others. `target` and `sender` may be NULL.
 * Errors as for sio_namespace_emit. */
int sio_broadcast(sio_namespace *nsp, const sio_target *target, const sio_member *sender,
                  const char *event, const char *format, va_list arguments);

/* To a selection of them all; `data` is [event, …arguments]. */
int sio_broadcast_selected(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                           const sio_value *data, unsigned flags);

/* To the clients of this node, at once: what the adapter hands over. `data` is [event,
 * …arguments], `flags` as of a sio_target. Nothing is encoded if nobody is selected. `offset` is
 * its place in a stream, data NULL: none. See recovery.h. */
int sio_broadcast_offset(sio_namespace *nsp, const sio_selection *selection, const sio_value *data,
                         unsigned flags, sio_str offset);

/* The same of an event in JSON, where sio_broadcast_takes_json: nobody needs more than that. */
int sio_broadcast_json(sio_namespace *nsp, const sio_selection *selection, sio_str json,
                       unsigned flags);
bool sio_broadcast_takes_json(const sio_namespace *nsp);

/* The same, and each receiver is asked for an answer; `asked` gets their number, on an error too.
 */
int sio_broadcast_ask(sio_namespace *nsp, const sio_selection *selection, const sio_value *data,
                      unsigned flags, sio_ballot *ballot, uint32_t *asked);

/* What no client here could be sent is not sent to the other nodes either: SIO_ELIMIT, too many
 * attachments. */
int sio_broadcast_check(const sio_namespace *nsp, const sio_value *data);

#endif
