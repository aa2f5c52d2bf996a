/* Metrics as Prometheus reads them. */
#ifndef SIO_CORE_EXPOSITION_H
#define SIO_CORE_EXPOSITION_H

#include <stdbool.h>

#include <sio/metrics.h>
#include <sio/sys/buf.h>

/* All of a server; `open`: by OpenMetrics 1.0, else by the text format 0.0.4. An error stays in
 * `out`. */
void sio_exposition_write(sio_buf *out, const sio_server *server, bool open);

/* One metric of them; `first` of its name. */
void sio_exposition_metric(sio_buf *out, const sio_metric *metric, bool first, bool open);

#endif
