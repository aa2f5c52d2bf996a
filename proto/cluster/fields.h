/* The fields of requests and responses. */
#ifndef SIO_CLUSTER_FIELDS_H
#define SIO_CLUSTER_FIELDS_H

#include <sio/sys/value.h>

/* A map, from JSON or MessagePack: the first byte decides. SIO_EPARSE, SIO_EDEPTH, SIO_ENOMEM. */
int sio_fields_read(sio_value *out, sio_arena *arena, sio_str bytes);

/* A text of at most SIO_LIMIT_NAME bytes; absent and null: data NULL. SIO_EPARSE. */
int sio_fields_text(const sio_value *fields, const char *key, sio_str *out);

/* An integer from 0 to `max`. SIO_EPARSE. */
int sio_fields_number(const sio_value *fields, const char *key, uint32_t max, uint32_t *out);

#endif
