#include "core/target.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/text.h>

#include "core/namespace.h"
#include "core/socket.h"

int sio_target_names(sio_arena *arena, const char *const *names, const sio_str **out,
                     size_t *out_count)
{
    size_t count = 0;
    while (names && names[count])
        count++;
    if (count == 0)
        return 0;
    sio_str *list = sio_arena_alloc(arena, count * sizeof(*list));
    if (!list)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++)
        list[i] = sio_str_from(names[i]);
    for (size_t i = 0; i < count; i++)
        if (!sio_utf8_valid(list[i].data, list[i].len))
            return SIO_EUTF8;
    *out = list;
    *out_count = count;
    return 0;
}

int sio_target_select(sio_arena *arena, const sio_namespace *nsp, const sio_target *target,
                      sio_selection *out)
{
    *out = (sio_selection){ 0 };
    if (!target)
        return 0;
    if (target->from) {
        if (target->from->nsp != nsp)
            return SIO_EINVAL;
        out->sender = &target->from->member;
    }
    const int err = sio_target_names(arena, target->rooms, &out->rooms, &out->rooms_count);
    return err ? err : sio_target_names(arena, target->except, &out->except, &out->except_count);
}

int sio_target_except(sio_arena *arena, const sio_selection *selection, const sio_str **out,
                      size_t *out_count)
{
    const size_t count = selection->except_count;
    *out = selection->except;
    *out_count = count;
    if (!selection->sender)
        return 0;
    sio_str *names = sio_arena_alloc(arena, (count + 1) * sizeof(*names));
    if (!names)
        return SIO_ENOMEM;
    names[0] = sio_member_id(selection->sender);
    if (count)
        memcpy(names + 1, selection->except, count * sizeof(*names));
    *out = names;
    *out_count = count + 1;
    return 0;
}

sio_cluster_flags sio_target_flags(unsigned flags)
{
    return (sio_cluster_flags){
        .present = true,
        .is_volatile = (flags & SIO_VOLATILE) != 0,
        .no_compress = (flags & SIO_UNCOMPRESSED) != 0,
    };
}

int sio_target_request(sio_arena *arena, const sio_namespace *nsp, const sio_selection *selection,
                       sio_cluster_op op, sio_cluster_request *out)
{
    *out = (sio_cluster_request){
        .op = op,
        .nsp = sio_namespace_str(nsp),
        .rooms = selection->rooms,
        .rooms_count = selection->rooms_count,
    };
    return sio_target_except(arena, selection, &out->except, &out->except_count);
}

sio_selection sio_target_requested(const sio_cluster_request *request)
{
    return (sio_selection){
        .rooms = request->rooms,
        .rooms_count = request->rooms_count,
        .except = request->except,
        .except_count = request->except_count,
    };
}
