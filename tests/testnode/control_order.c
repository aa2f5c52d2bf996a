/* Operations that tell sockets everywhere what to do. */
#include "control.h"
#include "names.h"

static void move(const control_request *request, const char *subject,
                 int (*order)(sio_namespace *nsp, const sio_target *target,
                              const char *const *rooms))
{
    char **targets = names_new(sio_value_get(request->fields, "targets"));
    control_target to;
    int err = control_target_read(&to, request);
    if (!targets)
        err = SIO_ENOMEM;
    if (!err)
        err = order(request->of->nsp, &to.target, (const char *const *)targets);
    control_target_free(&to);
    names_free(targets);
    control_end(request, subject, err);
}

void control_sockets_join(const control_request *request)
{
    move(request, "socketsJoin:", sio_namespace_sockets_join);
}

void control_sockets_leave(const control_request *request)
{
    move(request, "socketsLeave:", sio_namespace_sockets_leave);
}

void control_disconnect_sockets(const control_request *request)
{
    control_target to;
    int err = control_target_read(&to, request);
    if (!err)
        err = sio_namespace_disconnect_sockets(
            request->of->nsp, &to.target, sio_value_bool(sio_value_get(request->fields, "close")));
    control_target_free(&to);
    control_end(request, "disconnectSockets:", err);
}
