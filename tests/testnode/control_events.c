/* What other nodes have emitted to this one. */
#include "control.h"

void node_on_server_side(sio_namespace *nsp, const char *event, const sio_args *args,
                         sio_server_side_ack *ack, void *data)
{
    testnode *node = data;
    node_namespace *of = node_find(node, sio_namespace_name(nsp));
    sio_value *longer = NULL;
    sio_server_side_ack_send(ack, "s", node->name);
    if (!of || sio_value_new(&longer, "[V[sV]]", of->events, event, sio_args_array(args)))
        return;
    sio_value_free(of->events);
    of->events = longer;
}

void control_events(const control_request *request)
{
    const sio_value *events = request->of->events;
    sio_ack_send(request->ack, events ? "{s:b,s:v}" : "{s:b,s:[]}", "ok", 1, "events", events);
}
