/* No signal while a connection that has died is written to: OpenSSL writes without MSG_NOSIGNAL,
 * and an emitter lives in programs that know nothing of SIGPIPE. */
#ifndef SIO_EMITTER_QUIET_H
#define SIO_EMITTER_QUIET_H

#include <signal.h>
#include <stdbool.h>

typedef struct sio_quiet {
    sigset_t before; /* what the thread held back */
    bool pending;    /* one was there already: not ours to take */
} sio_quiet;

sio_quiet sio_quiet_begin(void);

/* errno stays as it is. */
void sio_quiet_end(const sio_quiet *quiet);

#endif
