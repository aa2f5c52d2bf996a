/* Lists in headers whose words have a quality: "gzip;q=0.5, *". */
#ifndef SIO_NET_QUALITY_H
#define SIO_NET_QUALITY_H

#include <sio/sys/str.h>

/* Takes what stands before the separator off the front, without the blanks around it. */
sio_str sio_quality_split(sio_str *text, char separator);

/* The `q` among parameters, in thousandths: 1000 where there is none, 0 where it is no number. */
int sio_quality_of(sio_str parameters);

#endif
