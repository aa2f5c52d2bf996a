#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "example.h"

/* [online] */
/* A user is online while any of the user's sockets is there, on whatever tab of this node.
 * A name that was cut off would be that of somebody else: it is refused. */
static bool room_of(sio_socket *socket, char *room, size_t size)
{
    const char *user = sio_value_string(sio_value_get(sio_socket_auth(socket), "user"), NULL);
    const int length = snprintf(room, size, "user:%s", user ? user : "nobody");
    return length >= 0 && (size_t)length < size;
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    sio_namespace *nsp = sio_socket_namespace(socket);
    char room[80];
    if (!room_of(socket, room, sizeof(room))) {
        sio_socket_disconnect(socket, true);
        return;
    }
    if (sio_namespace_room_size(nsp, room) == 0)
        sio_namespace_emit(nsp, NULL, "online", "s", room);
    if (sio_socket_join(socket, room))
        sio_socket_disconnect(socket, true);
}

static void on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    (void)reason, (void)data;
    sio_namespace *nsp = sio_socket_namespace(socket);
    char room[80];
    if (room_of(socket, room, sizeof(room)) && sio_namespace_room_size(nsp, room) == 0)
        sio_namespace_emit(nsp, NULL, "offline", "s", room);
}
/* [end] */

/* [rate] */
/* At most 5 events a second from each socket, and as many at once. */
typedef struct bucket {
    double tokens;
    double at;
} bucket;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool take(sio_socket *socket)
{
    bucket *self = sio_socket_context(socket);
    if (!self) {
        self = malloc(sizeof(*self));
        if (!self || sio_socket_set_context(socket, self, free)) {
            free(self);
            return false;
        }
        *self = (bucket){ .tokens = 5, .at = seconds() };
    }
    const double now = seconds();
    self->tokens += 5 * (now - self->at);
    self->at = now;
    if (self->tokens > 5)
        self->tokens = 5;
    if (self->tokens < 1)
        return false;
    self->tokens -= 1;
    return true;
}

static void limit_rate(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                       void *data)
{
    (void)event, (void)args, (void)data;
    if (take(socket))
        sio_next_pass(next);
    else
        sio_next_refuse(next, "too fast", NULL);
}

static void on_error(sio_socket *socket, const char *message, const sio_value *value, void *data)
{
    (void)value, (void)data;
    sio_socket_emit(socket, "slow down", "s", message);
}
/* [end] */

/* [session] */
/* The cookie of a login that a web application made: checked before there is a session. */
static void allow_request(sio_server *io, const sio_http_request *request, sio_admission *admission,
                          void *data)
{
    (void)io, (void)data;
    const char *cookies = sio_http_request_header(request, "cookie");
    if (cookies && strstr(cookies, "login=sesame")) /* ask your session store here */
        sio_admission_allow(admission);
    else
        sio_admission_refuse(admission, "log in first");
}
/* [end] */

/* [upload] */
/* socket.emit("upload", file.name, file, (answer) => …): a file within max_payload is one event. */
static void on_upload(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    size_t length;
    const void *bytes = sio_args_binary(args, 1, &length);
    if (bytes)
        sio_ack_send(ack, "{s:s,s:I}", "name", sio_args_string(args, 0), "bytes", (int64_t)length);
    else
        sio_ack_send(ack, "{s:s}", "error", "upload takes a name and bytes");
}
/* [end] */

static int setup(sio_server *io)
{
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    sio_namespace_on_disconnect(root, on_disconnect, NULL);
    sio_namespace_on_error(root, on_error, NULL);
    const int err = sio_namespace_use_packet(root, limit_rate, NULL);
    return err ? err : sio_namespace_on(root, "upload", on_upload, NULL);
}

int main(int argc, char **argv)
{
    return example_run(argc, argv, (sio_server_options){ .allow_request = allow_request }, setup);
}
