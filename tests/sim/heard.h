/* What a question has brought. */
#ifndef SIO_TESTS_HEARD_H
#define SIO_TESTS_HEARD_H

#include "sim.h"

typedef struct heard {
    int times;
    int error;
    unsigned nodes, missing, clients;
    sio_value *values; /* of the last time; a copy */
} heard;

/* Callbacks; `data` is a heard. */
void heard_answers(sio_namespace *nsp, const sio_answers *answers, void *data);
void heard_reply(sio_socket *socket, int error, const sio_args *args, void *data);

/* It has been called exactly once since the last look, with this error and these values as JSON. */
#define heard_expect(self, error, json) heard_expect_at((self), (error), (json), __FILE__, __LINE__)
void heard_expect_at(heard *self, int error, const char *json, const char *file, int line);

void heard_clear(heard *self);

#endif
