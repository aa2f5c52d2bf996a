/* Files that the server answers with: the official client's, and those of sio_server_serve. */
#ifndef SIO_NET_STATIC_H
#define SIO_NET_STATIC_H

#include <stdbool.h>

#include <sio/sys/str.h>

#include "core/list.h"
#include "net/blob.h"
#include "net/encoding.h"

typedef struct sio_static {
    sio_list files;
} sio_static;

typedef struct sio_static_file sio_static_file;

void sio_static_init(sio_static *files);
void sio_static_free(sio_static *files);

/* Loads the official client's files from `folder`, to be found under `path` ("/socket.io/").
 * Returns how many were there, or SIO_ENOMEM. */
int sio_static_add_client(sio_static *files, const char *path, const char *folder);

/* A file under one URL. SIO_EEXISTS, SIO_ENOTFOUND, SIO_ELIMIT, SIO_ENOMEM. */
int sio_static_add(sio_static *files, const char *url, const char *path);

/* The file of that URL, whose query is ignored; NULL if there is none. */
sio_static_file *sio_static_find(const sio_static *files, sio_str url);

/* Its content as it is now, borrowed; NULL when it has gone. */
sio_blob *sio_static_content(sio_static_file *file);

/* Whether it is one of the official client's. */
bool sio_static_is_client(const sio_static_file *file);

/* The same encoded; NULL when it is not to be had so: what may change is never encoded. Made when
 * it is first asked for. */
sio_blob *sio_static_encoded(sio_static_file *file, sio_encoding encoding);

const char *sio_static_type(const sio_static_file *file);

/* With its quotes. */
const char *sio_static_etag(const sio_static_file *file);

/* Whether an If-None-Match header names the content that is there. */
bool sio_static_matches(const sio_static_file *file, sio_str if_none_match);

#endif
