/* What goes to the log, at most once a minute for each kind of trouble. */
#ifndef SIO_CLUSTER_WARNINGS_H
#define SIO_CLUSTER_WARNINGS_H

#include <sio/sys/adapter.h>

typedef enum sio_warning {
    SIO_WARNING_MALFORMED, /* a message that cannot be handed on */
    SIO_WARNING_MEMORY,    /* a message lost for want of memory */
    SIO_WARNING_QUEUE,     /* a publish lost for want of room */
    SIO_WARNING_REFUSED,   /* a publish refused by Redis */
    SIO_WARNING_CHANNELS,  /* rooms that could not be subscribed to */
    SIO_WARNING_COUNT,     /* Redis does not count the nodes */
    SIO_WARNING_SLOW,      /* Redis does not answer in time */
    SIO_WARNING_KINDS
} sio_warning;

/* Zeroed memory but for the host: nothing warned of yet. */
typedef struct sio_warnings {
    const sio_adapter_host *host;
    struct {
        bool given;
        uint64_t at;
    } last[SIO_WARNING_KINDS];
} sio_warnings;

/* `now`: milliseconds of any clock that does not go back. */
void sio_warn(sio_warnings *warnings, sio_warning kind, uint64_t now, const char *format, ...)
    SIO_PRINTF(4, 5);

/* A message that came on that channel is of no use. */
void sio_warn_dropped(sio_warnings *warnings, uint64_t now, int err, sio_str channel);

#endif
