/* What was installed beside the library, wherever that is now: an installation may go elsewhere
 * than was said when it was configured (cmake --install --prefix), and may be moved. */
#ifndef SIO_NET_INSTALLED_H
#define SIO_NET_INSTALLED_H

#include <limits.h>

/* The folder of the official client's files: beside this library, or the program that it is part
 * of, else where it was configured to be. */
void sio_installed_client(char out[PATH_MAX]);

#endif
