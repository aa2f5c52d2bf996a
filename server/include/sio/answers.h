/* What questions to several clients or to several nodes bring. */
#ifndef SIO_ANSWERS_H
#define SIO_ANSWERS_H

#include <sio/server.h>
#include <sio/value.h>

/*
 * All borrowed for the call. A question ends with error 0 once everybody who was asked has
 * answered; with SIO_ETIMEOUT when its time is over, SIO_ECLOSED when the server is closed or the
 * other nodes cannot be reached, SIO_ELIMIT when more than SIO_LIMIT_ANSWERS bytes have come,
 * SIO_ENOMEM. What has come by then is in `values` all the same.
 */
typedef struct sio_answers {
    int error;
    unsigned nodes;          /* other nodes that were asked, as far as known */
    unsigned missing_nodes;  /* of these, that have not answered */
    unsigned clients;        /* emit_ack: clients that were asked, as far as known */
    const sio_value *values; /* an array */
} sio_answers;

/* Called once for each question, never from inside the call that asked. */
typedef void (*sio_answers_cb)(sio_namespace *nsp, const sio_answers *answers, void *data);

#endif
