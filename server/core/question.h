/*
 * A question of the application to several clients or nodes, from the call that asks until its
 * callback has run. It is settled when everybody has answered, its time is over or the server
 * closes; the callback follows at the end of the turn.
 */
#ifndef SIO_CORE_QUESTION_H
#define SIO_CORE_QUESTION_H

#include <sio/namespace.h>
#include <sio/sys/adapter.h>

#include "core/reply.h"

typedef struct sio_question sio_question;

typedef struct sio_question_options {
    sio_namespace *nsp;
    sio_cluster_op op;
    uint32_t timeout_ms; /* 0: the server's */
    sio_answers_cb callback;
    void *data;
} sio_question_options;

/* A new one, which waits from now on. SIO_EINVAL: no callback; SIO_ECLOSED: the server is closing;
 * SIO_ELIMIT, SIO_ENOMEM. */
int sio_question_new(sio_question **out, const sio_question_options *options);

/* It cannot be asked: no callback. Only before sio_question_put. */
void sio_question_cancel(sio_question *question);

/* What this node itself answers; for a broadcast, the clients of this node that were asked. Without
 * memory for it the question ends with an error. */
void sio_question_add(sio_question *question, const sio_value *value);
void sio_question_clients(sio_question *question, uint32_t count);
sio_ballot *sio_question_ballot(sio_question *question);

/* Puts it to the other nodes; NULL: to nobody else. The request's timeout_ms is set here. */
void sio_question_put(sio_question *question, sio_cluster_request *request);

/* Runs the callbacks of those that have been settled by now. */
void sio_questions_tell(sio_server *server);

/* The server closes: all are settled with SIO_ECLOSED. */
void sio_questions_close(sio_server *server);

#endif
