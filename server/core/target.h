/* A target of the application as the room index and as other nodes understand it. */
#ifndef SIO_CORE_TARGET_H
#define SIO_CORE_TARGET_H

#include <sio/namespace.h>
#include <sio/sys/arena.h>
#include <sio/sys/request.h>
#include <sio/sys/rooms.h>

/* Lists NULL-terminated names: checked, borrowed, the array in the arena. NULL: none. SIO_EUTF8,
 * SIO_ENOMEM. */
int sio_target_names(sio_arena *arena, const char *const *names, const sio_str **out,
                     size_t *out_count);

/* `target` NULL: everyone. SIO_EINVAL: it is from a socket of another namespace; SIO_EUTF8,
 * SIO_ENOMEM. */
int sio_target_select(sio_arena *arena, const sio_namespace *nsp, const sio_target *target,
                      sio_selection *out);

/* What to leave out elsewhere: there the sender is known by the room of its own id only.
 * SIO_ENOMEM. */
int sio_target_except(sio_arena *arena, const sio_selection *selection, const sio_str **out,
                      size_t *out_count);

/* The flags that other nodes see. */
sio_cluster_flags sio_target_flags(unsigned flags);

/* A request about the selection; the caller adds the rest. SIO_ENOMEM. */
int sio_target_request(sio_arena *arena, const sio_namespace *nsp, const sio_selection *selection,
                       sio_cluster_op op, sio_cluster_request *out);

/* The selection that a request of another node means. */
sio_selection sio_target_requested(const sio_cluster_request *request);

static inline bool sio_target_is_local(const sio_target *target)
{
    return target && (target->flags & SIO_LOCAL);
}

#endif
