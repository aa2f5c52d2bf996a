/* Compresses bodies: gzip and deflate. */
#ifndef SIO_NET_COMPRESSOR_H
#define SIO_NET_COMPRESSOR_H

#include "net/blob.h"
#include "net/encoding.h"

/* Allocates a quarter of a MiB for each encoding when it is first needed, and keeps it. */
typedef struct sio_compressor sio_compressor;

/* NULL when memory is out; and may be freed. */
sio_compressor *sio_compressor_new(void);
void sio_compressor_free(sio_compressor *compressor);

/* Quickly, for answers made once. NULL when memory is out. */
sio_blob *sio_compressor_run(sio_compressor *compressor, sio_encoding encoding, sio_str text);

/* Thoroughly, for what is kept. As above. */
sio_blob *sio_compressor_run_once(sio_encoding encoding, sio_str text);

#endif
