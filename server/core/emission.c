#include "core/emission.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

#include "core/namespace.h"

struct sio_emission {
    sio_arena arena; /* what follows is in it */
    size_t bytes;
    sio_str nsp;
    const char *event;
    sio_target target;
    sio_value arguments;
};

/* ---- what is asked for ---- */

static int check_names(const char *const *names)
{
    for (; names && *names; names++)
        if (!sio_utf8_valid(*names, strlen(*names)))
            return SIO_EUTF8;
    return 0;
}

static int check(const char *nsp, const sio_target *target, const char *event)
{
    if (!event || target->from)
        return SIO_EINVAL;
    if (sio_packet_reserved(sio_str_from(event)))
        return SIO_ERESERVED;
    if (nsp && strlen(nsp) > SIO_LIMIT_NAME)
        return SIO_ELIMIT;
    const int err = check_names(target->rooms);
    return err ? err : check_names(target->except);
}

/* ---- the copy ---- */

static size_t text_size(const char *text)
{
    return sio_arena_size(strlen(text) + 1);
}

static size_t names_size(const char *const *names)
{
    size_t count = 0, size = 0;
    for (; names && names[count]; count++)
        size += text_size(names[count]);
    return names ? size + sio_arena_size((count + 1) * sizeof(*names)) : 0;
}

static const char *copy_text(sio_arena *arena, const char *text)
{
    return sio_arena_strndup(arena, text, strlen(text));
}

static const char *const *copy_names(sio_arena *arena, const char *const *names)
{
    size_t count = 0;
    while (names && names[count])
        count++;
    const char **copy = names ? sio_arena_alloc(arena, (count + 1) * sizeof(*copy)) : NULL;
    if (!copy)
        return NULL;
    for (size_t i = 0; i < count; i++)
        copy[i] = copy_text(arena, names[i]);
    copy[count] = NULL;
    return copy;
}

/* Everything has room in the arena, so that nothing fails from here on. */
static int fill(sio_emission *emission, const char *nsp, const sio_target *target,
                const char *event, const sio_value *arguments)
{
    sio_arena *arena = &emission->arena;
    const size_t size = strlen(nsp) + 1;
    char *name = sio_arena_alloc(arena, size + 1);
    if (!name)
        return SIO_ENOMEM;
    name[0] = '/';
    memcpy(name + (nsp[0] != '/'), nsp, size);
    emission->nsp = sio_str_from(name);
    emission->event = copy_text(arena, event);
    emission->target = (sio_target){ .rooms = copy_names(arena, target->rooms),
                                     .except = copy_names(arena, target->except),
                                     .flags = target->flags };
    return sio_value_clone(arena, &emission->arguments, arguments);
}

static int copy(sio_emission **out, const char *nsp, const sio_target *target, const char *event,
                const sio_value *arguments)
{
    const size_t size = sio_arena_size(strlen(nsp) + 2) + text_size(event) +
                        names_size(target->rooms) + names_size(target->except) +
                        sio_value_clone_size(arguments);
    sio_emission *emission = sio_mem_zalloc(sizeof(*emission));
    if (!emission)
        return SIO_ENOMEM;
    emission->bytes = sizeof(*emission) + size;
    int err = sio_arena_reserve(&emission->arena, size);
    if (!err)
        err = fill(emission, nsp, target, event, arguments);
    if (err)
        sio_emission_free(emission);
    else
        *out = emission;
    return err;
}

int sio_emission_new(sio_emission **out, const char *nsp, const sio_target *target,
                     const char *event, const char *format, va_list arguments)
{
    static const sio_target everyone = { 0 };
    target = target ? target : &everyone;
    int err = check(nsp, target, event);
    if (err)
        return err;
    sio_value list;
    sio_arena arena = { 0 };
    err = sio_value_pack(&arena, &list, NULL, format ? format : "", arguments);
    if (!err)
        err = copy(out, nsp ? nsp : "/", target, event, &list);
    sio_arena_free(&arena);
    return err;
}

size_t sio_emission_bytes(const sio_emission *emission)
{
    return emission->bytes;
}

void sio_emission_send(const sio_emission *emission, sio_server *server)
{
    sio_namespace *nsp = sio_map_get(&server->namespaces, emission->nsp);
    int err = SIO_ENOTFOUND;
    if (nsp)
        err =
            sio_namespace_emit(nsp, &emission->target, emission->event, "V", &emission->arguments);
    if (err)
        SIO_CORE_LOG(server, SIO_LOG_WARN, SIO_LOG_SOCKET, "posted event \"%s\" for %s: %s",
                     emission->event, emission->nsp.data, sio_err_message(err));
}

void sio_emission_free(sio_emission *emission)
{
    if (!emission)
        return;
    sio_arena_free(&emission->arena);
    sio_mem_free(emission);
}
