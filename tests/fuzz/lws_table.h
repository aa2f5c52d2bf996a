/* A table of headers in place of libwebsockets', filled from a fuzz input. libwebsockets' own
 * header does not go together with llhttp's, so this is apart. */
#ifndef SIO_TESTS_LWS_TABLE_H
#define SIO_TESTS_LWS_TABLE_H

#include <stdbool.h>

#include <sio/sys/buf.h>

#include "fuzz.h"

typedef struct lws_table_entry {
    int token; /* of those that libwebsockets knows; -1: by its name */
    sio_str name;
    sio_str value;
} lws_table_entry;

#define LWS_TABLE_MOST 32

typedef struct lws_table {
    lws_table_entry entries[LWS_TABLE_MOST];
    size_t count;
    int method; /* -1: no request */
    char *path;
    size_t path_len;
} lws_table;

/* Borrows from the input, but for the path. */
void lws_table_read(lws_table *table, fuzz_input *input);
void lws_table_free(lws_table *table);

/* sio_tls_request_write of it. */
bool lws_table_write(lws_table *table, bool upgrade, sio_buf *out, bool *chunked);

#endif
