/* Operations on the node that a client asks for by the event `ctl`. */
#ifndef SIO_TESTNODE_CONTROL_H
#define SIO_TESTNODE_CONTROL_H

#include "node.h"

/* What an operation needs, in one place. Borrowed. */
typedef struct control_request {
    node_namespace *of;
    sio_socket *socket; /* that asks */
    const sio_value *fields;
    sio_ack *ack;
} control_request;

/* Answers: done, or not. */
void control_done(const control_request *request);
void control_refuse(const control_request *request, const char *subject, const char *problem);
/* Either, by `err`. */
void control_end(const control_request *request, const char *subject, int err);

/* The event that it names; NULL if it does not. */
const char *control_event(const control_request *request);

/* Whom it means. */
typedef struct control_target {
    sio_target target;
    char **rooms;
    char **except;
} control_target;
/* 0 or an error; to be freed in any case. */
int control_target_read(control_target *out, const control_request *request);
void control_target_free(control_target *target);

/* ---- the operations ---- */

void control_emit(const control_request *request);
void control_set_data(const control_request *request);
void control_peer(const control_request *request);
void control_reload(const control_request *request);
void control_disconnects(const control_request *request);
void control_stats(const control_request *request);

void control_emit_with_ack(const control_request *request);
void control_fetch_sockets(const control_request *request);
void control_all_rooms(const control_request *request);
void control_server_count(const control_request *request);
void control_server_side_emit(const control_request *request);

void control_sockets_join(const control_request *request);
void control_sockets_leave(const control_request *request);
void control_disconnect_sockets(const control_request *request);

void control_events(const control_request *request);

#endif
