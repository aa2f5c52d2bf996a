#include "core/census.h"

#include <sio/err.h>

#include "core/describe.h"
#include "core/namespace.h"
#include "core/question.h"
#include "core/socket.h"
#include "core/target.h"

/* ---- this node ---- */

struct list {
    sio_arena *arena;
    sio_value *items;
    size_t count;
    int err;
};

static bool is_there(const sio_member *member)
{
    return ((const sio_socket *)member)->state == SIO_SOCKET_CONNECTED;
}

static void count_one(sio_member *member, void *data)
{
    *(size_t *)data += is_there(member);
}

static void describe_one(sio_member *member, void *data)
{
    struct list *list = data;
    if (!list->err && is_there(member)) {
        const sio_socket *socket = (const sio_socket *)member;
        list->err = sio_socket_describe(list->arena, socket, &list->items[list->count++]);
    }
}

int sio_census_sockets(sio_arena *arena, sio_namespace *nsp, const sio_selection *selection,
                       sio_value *out)
{
    size_t count = 0;
    struct list list = { .arena = arena };
    sio_rooms_select(nsp->rooms, selection, count_one, &count);
    list.items = sio_arena_alloc(arena, (count + 1) * sizeof(*list.items));
    if (!list.items)
        return SIO_ENOMEM;
    sio_rooms_select(nsp->rooms, selection, describe_one, &list);
    *out = sio_value_of_array(list.items, list.count);
    return list.err;
}

int sio_census_rooms(sio_arena *arena, const sio_namespace *nsp, sio_value *out)
{
    size_t count = 0, filled = 0;
    for (sio_rooms_walk walk = { 0 }; sio_rooms_next(nsp->rooms, &walk).data;)
        count++;
    sio_value *items = sio_arena_alloc(arena, (count + 1) * sizeof(*items));
    if (!items)
        return SIO_ENOMEM;
    sio_str name;
    for (sio_rooms_walk walk = { 0 }; (name = sio_rooms_next(nsp->rooms, &walk)).data;)
        items[filled++] = sio_value_of_string(name);
    *out = sio_value_of_array(items, filled);
    return 0;
}

/* ---- all nodes ---- */

static int ask_sockets(sio_question *question, sio_arena *arena, sio_namespace *nsp,
                       const sio_target *target)
{
    sio_selection selection;
    sio_cluster_request request;
    sio_value sockets;
    int err = sio_target_select(arena, nsp, target, &selection);
    if (!err)
        err = sio_census_sockets(arena, nsp, &selection, &sockets);
    if (!err)
        err = sio_target_request(arena, nsp, &selection, SIO_CLUSTER_FETCH_SOCKETS, &request);
    if (err)
        return err;
    sio_question_add(question, &sockets);
    sio_question_put(question, sio_target_is_local(target) ? NULL : &request);
    return 0;
}

int sio_namespace_fetch_sockets(sio_namespace *nsp, const sio_target *target,
                                sio_answers_cb callback, void *data)
{
    sio_question *question;
    const sio_question_options options = { nsp, SIO_CLUSTER_FETCH_SOCKETS,
                                           target ? target->timeout_ms : 0, callback, data };
    int err = sio_question_new(&question, &options);
    if (err)
        return err;
    sio_arena arena = sio_core_borrow(nsp->server);
    err = ask_sockets(question, &arena, nsp, target);
    sio_core_give_back(nsp->server, &arena);
    if (err)
        sio_question_cancel(question);
    return err;
}

int sio_namespace_all_rooms(sio_namespace *nsp, uint32_t timeout_ms, sio_answers_cb callback,
                            void *data)
{
    sio_question *question;
    sio_value rooms;
    const sio_question_options options = { nsp, SIO_CLUSTER_ALL_ROOMS, timeout_ms, callback, data };
    int err = sio_question_new(&question, &options);
    if (err)
        return err;
    sio_arena arena = sio_core_borrow(nsp->server);
    err = sio_census_rooms(&arena, nsp, &rooms);
    if (!err)
        sio_question_add(question, &rooms);
    sio_core_give_back(nsp->server, &arena);
    if (err)
        sio_question_cancel(question);
    else
        sio_question_put(question, &(sio_cluster_request){ .op = SIO_CLUSTER_ALL_ROOMS,
                                                           .nsp = sio_namespace_str(nsp) });
    return err;
}

int sio_namespace_server_count(sio_namespace *nsp, uint32_t timeout_ms, sio_answers_cb callback,
                               void *data)
{
    sio_question *question;
    const sio_question_options options = { nsp, SIO_CLUSTER_SERVER_COUNT, timeout_ms, callback,
                                           data };
    const int err = sio_question_new(&question, &options);
    if (!err)
        sio_question_put(question, &(sio_cluster_request){ .op = SIO_CLUSTER_SERVER_COUNT,
                                                           .nsp = sio_namespace_str(nsp) });
    return err;
}
