/* Parts of the messages of the cluster that several kinds share, out of and into value trees. */
#ifndef SIO_CLUSTER_TREE_H
#define SIO_CLUSTER_TREE_H

#include <sio/sys/cluster.h>

static inline sio_str sio_tree_str(const sio_value *string)
{
    return (sio_str){ string->as.text, string->count };
}

bool sio_tree_is_number(const sio_value *value);

/* The text of a string, or of a number as JavaScript has it. SIO_EPARSE, SIO_ENOMEM. */
int sio_tree_name(sio_arena *arena, const sio_value *value, sio_str *out);

/* Rooms or exceptions: an array of names; absent and null are an empty one, as for JavaScript's
 * `new Set`. SIO_EPARSE, SIO_ENOMEM. */
int sio_tree_names(sio_arena *arena, const sio_value *array, const sio_str **names, size_t *count);

/* Absent and null: not present. SIO_EPARSE. */
int sio_tree_flags(const sio_value *map, sio_cluster_flags *out);

/* [event, …]: the same with a text for its name if that is a number. SIO_EPARSE: no such array, or
 * a reserved name; SIO_ENOMEM. */
int sio_tree_event(sio_arena *arena, sio_value *data);

/* The flags as a map; `items` are what it is made of. */
#define SIO_TREE_FLAGS 8
sio_value sio_tree_of_flags(sio_value items[SIO_TREE_FLAGS], const sio_cluster_flags *flags);

#endif
