/* Sockets whose clients lost their connection and come back: who they were, and what they missed.
 */
#ifndef SIO_CORE_RECOVERY_H
#define SIO_CORE_RECOVERY_H

#include <sio/sys/recovery.h>

#include "core/namespace.h"
#include "core/socket.h"

/* How long a session waits; 0: none does. */
uint32_t sio_recovery_ms(const sio_recovery_options *options);

/* Makes the server's memory for it, if the options want one. SIO_ENOMEM. */
int sio_recovery_init(sio_server *server, const sio_recovery_options *options);
void sio_recovery_end(sio_server *server);

/* When something that is kept is over (UINT64_MAX: never), and its end. */
uint64_t sio_recovery_due(const sio_server *server);
void sio_recovery_tick(sio_server *server);

void sio_recovery_stats_get(const sio_server *server, sio_server_stats *out);

/* ---- sockets: revival.c ---- */

/* A socket that its client asks for: the session is looked for if it names one, then the
 * middlewares have it, unless it is recovered and they need not. */
void sio_recovery_start(sio_socket *socket);

/* It waits for the middlewares, and its rooms have been restored already: what is emitted to them
 * meanwhile is for it. */
bool sio_recovery_holds(const sio_socket *socket);
void sio_recovery_hold(sio_socket *socket, sio_frame *chain);

/* It connects: what it missed goes out first. */
void sio_recovery_deliver(sio_socket *socket);

/* Its secret, data NULL: it has none. */
sio_str sio_recovery_pid(const sio_socket *socket);

/* It leaves, and is still in its rooms: it is kept if it may come back after that. */
void sio_recovery_leave(sio_socket *socket, const char *reason);

/* It is gone, or its object is. */
void sio_recovery_forget(sio_socket *socket);
void sio_recovery_free(sio_socket *socket);

/* ---- packets ---- */

/* Whether a packet with those flags gets an offset. */
bool sio_recovery_wants(const sio_namespace *nsp, unsigned flags);

/* Whether offsets are given by the adapter. */
bool sio_recovery_is_remote(const sio_server *server);

/* Whether somebody of that namespace may come back. */
bool sio_recovery_waits(const sio_server *server, sio_str nsp);

/* `data` with its offset behind, in the arena; as it is if it has none. `offset` is what the
 * adapter says, if it does. */
void sio_recovery_stamp(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                        const sio_value *data, sio_str offset, sio_value *out);

#endif
