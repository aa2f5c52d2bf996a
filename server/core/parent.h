/* Parents: namespaces that have children made as clients ask for them. */
#ifndef SIO_CORE_PARENT_H
#define SIO_CORE_PARENT_H

#include <sio/namespace.h>

#include "core/namespace.h"
#include "core/pattern.h"

/* What a namespace has besides, when it is a parent. */
typedef struct sio_family {
    sio_list node; /* in server->families */
    sio_namespace *nsp;
    sio_list children;    /* by their `brother` */
    sio_pattern *pattern; /* NULL: `check` decides */
    sio_namespace_check_cb check;
    void *data;
} sio_family;

static inline sio_family *sio_family_at(sio_list *node)
{
    return SIO_CONTAINER(node, sio_family, node);
}

/* The first parent whose pattern matches, in the order they were made; NULL if there is none. */
sio_family *sio_family_for(sio_server *server, sio_str name);

/* A new child, which the application has been told of; NULL when memory is out. */
sio_namespace *sio_family_add(sio_family *family, sio_str name);

/* Nobody is in the namespace any more, or nobody came: if it is a child and that is wanted, it is
 * closed at the end of the turn, unless somebody has come by then. */
void sio_family_vacate(sio_namespace *nsp);

/* The same for all children: those that somebody might have come back to are kept until he may no
 * more. */
void sio_family_vacate_all(sio_server *server);

/* Closes those. Not under a handler of the application. */
void sio_family_tidy(sio_server *server);

/* Frees the parents, with the server. */
void sio_family_free_all(sio_server *server);

#endif
