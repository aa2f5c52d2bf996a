#include "heard.h"

void heard_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    heard *self = data;
    assert_non_null(nsp);
    assert_int_equal(sio_value_type(answers->values), SIO_TYPE_ARRAY);
    assert_true(answers->missing_nodes <= answers->nodes);
    sio_value_free(self->values);
    self->values = NULL;
    assert_int_equal(sio_value_copy(&self->values, answers->values), 0);
    self->times++;
    self->error = answers->error;
    self->nodes = answers->nodes;
    self->missing = answers->missing_nodes;
    self->clients = answers->clients;
}

void heard_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket;
    (void)error;
    (void)args;
    (void)data;
}

void heard_expect_at(heard *self, int error, const char *json, const char *file, int line)
{
    char *text = NULL;
    if (self->values)
        assert_int_equal(sio_value_to_json(self->values, &text, NULL), 0);
    if (self->times != 1 || self->error != error || !text || strcmp(text, json) != 0) {
        print_error("%s:%d: expected %s and %s, got %d times %s and %s\n", file, line,
                    sio_err_name(error), json, self->times, sio_err_name(self->error),
                    text ? text : "nothing");
        _fail(file, line);
    }
    sio_free(text);
    self->times = 0;
}

void heard_clear(heard *self)
{
    sio_value_free(self->values);
    *self = (heard){ 0 };
}
