#include <string.h>

#include "example.h"

/* [handlers] */
static void on_order(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    sio_namespace_emit(sio_socket_namespace(socket), NULL, "ordered", "V", sio_args_array(args));
}

static int shop(sio_server *io)
{
    sio_namespace *orders = sio_server_of(io, "/orders");
    sio_namespace *users = sio_server_of(io, "/users"); /* its rooms and events are its own */
    if (!orders || !users)
        return SIO_ENOMEM;
    return sio_namespace_on(orders, "order", on_order, NULL);
}
/* [end] */

/* [admin] */
static void only_admins(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    const char *token = sio_value_string(sio_value_get(sio_socket_auth(socket), "token"), NULL);
    if (token && strcmp(token, "secret") == 0)
        sio_next_pass(next);
    else
        sio_next_refuse(next, "not allowed", "{s:i}", "code", 403);
}
/* [end] */

/* [dynamic] */
static void on_tenant(sio_socket *socket, void *data)
{
    (void)data;
    sio_namespace *nsp = sio_socket_namespace(socket);
    sio_socket_emit(socket, "welcome", "si", sio_namespace_name(nsp),
                    (int)sio_namespace_count(nsp));
}

static int tenants(sio_server *io)
{
    sio_namespace *parent;
    const int err = sio_server_of_pattern(io, &parent, "^/tenant-[0-9]+$");
    if (!err)
        sio_namespace_on_connection(parent, on_tenant, NULL);
    return err;
}
/* [end] */

/* [check] */
static void has_ticket(sio_server *io, const char *name, const sio_value *auth, sio_next *next,
                       void *data)
{
    (void)io, (void)data;
    if (strncmp(name, "/game/", 6) == 0 && sio_value_get(auth, "ticket"))
        sio_next_pass(next); /* now, or when a database has answered */
    else
        sio_next_refuse(next, NULL, NULL);
}

static int games(sio_server *io, sio_namespace **parent)
{
    return sio_server_of_check(io, parent, has_ticket, NULL);
}
/* [end] */

/* [parent] */
static void on_announce(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)ack;
    sio_namespace *parent = data;
    sio_namespace_emit(parent, NULL, "announced", "V", sio_args_array(args)); /* in every game */
}
/* [end] */

static int setup(sio_server *io)
{
    sio_namespace *admin = sio_server_of(io, "/admin"), *parent;
    int err = admin ? sio_namespace_use(admin, only_admins, NULL) : SIO_ENOMEM;
    if (!err)
        err = shop(io);
    if (!err)
        err = tenants(io);
    if (!err)
        err = games(io, &parent);
    return err ? err : sio_namespace_on(admin, "announce", on_announce, parent);
}

int main(int argc, char **argv)
{
    /* [cleanup] */
    const sio_server_options options = { .cleanup_empty_child_namespaces = true,
                                         .max_dynamic_namespaces = 1000 };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
