#include "net/installed.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether there is something at `relative`, seen from the folder of `file`. */
static bool beside(char out[PATH_MAX], const char *file, const char *relative)
{
    const char *slash = strrchr(file, '/');
    const int folder = slash ? (int)(slash - file) : 0;
    const int len = snprintf(out, PATH_MAX, "%.*s/%s", folder, file, relative);
    return slash && len < PATH_MAX && access(out, R_OK) == 0;
}

void sio_installed_client(char out[PATH_MAX])
{
    static const char here; /* within what was loaded */
    char file[PATH_MAX];
    Dl_info library;
    if (dladdr(&here, &library) && realpath(library.dli_fname, file)) {
        if (beside(out, file, SIO_CLIENT_FROM_LIB))
            return;
        if (beside(out, file, SIO_CLIENT_FROM_BIN))
            return;
    }
    snprintf(out, PATH_MAX, "%s", SIO_CLIENT_DIR);
}
