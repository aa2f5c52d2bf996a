/* Parts of what nodes ask of each other that the classic adapter and the later ones share, out of
 * and into value trees. */
#ifndef SIO_CLUSTER_PARTS_H
#define SIO_CLUSTER_PARTS_H

#include <sio/sys/request.h>

#include "cluster/tree.h"

/* ---- reading: SIO_EPARSE, SIO_ENOMEM ---- */

/* {rooms, except, flags}. */
int sio_parts_read_opts(sio_arena *arena, const sio_value *opts, sio_cluster_request *asked);

/* One name as a list. */
int sio_parts_read_one(sio_arena *arena, const sio_value *value, const sio_str **names,
                       size_t *count);

/* The rooms to join or leave: a list, or one. */
int sio_parts_read_targets(sio_arena *arena, const sio_value *rooms, sio_cluster_request *asked);

/* [event, …]. */
int sio_parts_read_data(sio_arena *arena, const sio_value *data, sio_cluster_request *asked);

/* {type, data, nsp}: an event. Without a namespace it is for "/". */
int sio_parts_read_packet(sio_arena *arena, const sio_value *packet, sio_cluster_request *asked);

/* ---- writing ---- */

/* What the maps in a message are made of: they live as long as it. */
typedef struct sio_parts {
    sio_value opts[2 * 3];
    sio_value flags[SIO_TREE_FLAGS];
    sio_value packet[2 * 3];
} sio_parts;

/* A map of `count` entries: keys, and the values that are there already at the odd places. */
sio_value sio_parts_map(sio_value *items, const char *const *keys, size_t count);

/* On an error `err` is set. */
sio_value sio_parts_names(sio_arena *arena, const sio_str *names, size_t count, int *err);
sio_value sio_parts_opts(sio_arena *arena, sio_parts *parts, const sio_cluster_request *asked,
                         bool flags, int *err);

/* The namespace is written last, or not at all. */
sio_value sio_parts_packet(sio_parts *parts, const sio_cluster_request *asked, bool nsp);

/* Undefined where there is none. */
sio_value sio_parts_optional(sio_str text);

#endif
