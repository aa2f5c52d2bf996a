/* How the body of an answer is encoded, and who takes which. */
#ifndef SIO_NET_ENCODING_H
#define SIO_NET_ENCODING_H

#include <sio/sys/str.h>

typedef enum sio_encoding {
    SIO_ENCODING_NONE,
    SIO_ENCODING_GZIP,
    SIO_ENCODING_DEFLATE
} sio_encoding;
#define SIO_ENCODING_COUNT 3

/* "gzip", "deflate"; NULL for none. */
const char *sio_encoding_name(sio_encoding encoding);

/* What an Accept-Encoding header (data NULL: there is none) likes best of those above; "none" only
 * if it takes no other, as in the reference. */
sio_encoding sio_encoding_choose(sio_str accept);

#endif
