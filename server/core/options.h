/* The options of a server, checked and made complete. */
#ifndef SIO_CORE_OPTIONS_H
#define SIO_CORE_OPTIONS_H

#include "core/server.h"

/* Sets the server's fields. SIO_EINVAL: an option makes no sense, options->error has a sentence. */
SIO_MUST_USE int sio_options_apply(sio_server *server, const sio_server_options *options);

/* The options of permessage-deflate, made complete. */
sio_ws_deflate_config sio_options_deflate(const sio_deflate_options *options);

#endif
