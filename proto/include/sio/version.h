/* The version of the library that a program was compiled against and the one it runs with. */
#ifndef SIO_VERSION_H
#define SIO_VERSION_H

#include <sio/extern.h>

#define SIO_VERSION_MAJOR  0
#define SIO_VERSION_MINOR  1
#define SIO_VERSION_PATCH  0
#define SIO_VERSION_STRING "0.1.0"

/* The version that runs, as "MAJOR.MINOR.PATCH". Borrowed, static. */
SIO_EXTERN const char *sio_version_string(void);

#endif
