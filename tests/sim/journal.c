#include "sim.h"

sio_socket *sim_last;

/* ---- texts ---- */

void sim_texts_add(sim_texts *texts, const char *text, size_t len)
{
    if (texts->count == texts->cap) {
        texts->cap = texts->cap ? texts->cap * 2 : 8;
        texts->items = realloc(texts->items, texts->cap * sizeof(*texts->items));
        assert_non_null(texts->items);
    }
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    copy[len] = '\0';
    texts->items[texts->count++] = copy;
}

const char *sim_texts_next(sim_texts *texts)
{
    return texts->at < texts->count ? texts->items[texts->at++] : NULL;
}

void sim_texts_clear(sim_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (sim_texts){ 0 };
}

void sim_expect_at(sim_texts *texts, const char *text, const char *file, int line)
{
    const char *found = sim_texts_next(texts);
    if ((!text && !found) || (text && found && strcmp(text, found) == 0))
        return;
    print_error("%s:%d: expected %s, got %s\n", file, line, text ? text : "nothing",
                found ? found : "nothing");
    _fail(file, line);
}

/* ---- what handlers note ---- */

void sim_note(sim *self, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sim_texts_add(&self->journal, text, strlen(text));
}

void sim_note_args(sim *self, const char *what, const sio_args *args, const sio_ack *ack)
{
    char *json;
    assert_int_equal(sio_value_to_json(sio_args_array(args), &json, NULL), 0);
    sim_note(self, "%s %s%s", what, json, ack ? " ack" : "");
    sio_free(json);
}

static const char *prefix(const sio_socket *socket)
{
    const char *name = sio_namespace_name(sio_socket_namespace(socket));
    return strcmp(name, "/") == 0 ? "" : name;
}

void sim_on_connection(sio_socket *socket, void *data)
{
    sim_last = socket;
    sim_note(data, "%s%sconnect", prefix(socket), *prefix(socket) ? " " : "");
}

void sim_on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    sim_note(data, "%s%sdisconnect: %s", prefix(socket), *prefix(socket) ? " " : "", reason);
}

sio_namespace *sim_begin(sim *self, uint64_t seed, sio_server_options options)
{
    sim_start(self, seed, options);
    sio_namespace *root = sio_server_of(self->server, "/");
    sio_namespace_on_connection(root, sim_on_connection, self);
    sio_namespace_on_disconnect(root, sim_on_disconnect, self);
    return root;
}

sim_peer *sim_enter(sim *self, sio_eio_transport transport)
{
    sim_peer *peer = sim_join(self, transport);
    sim_expect(&self->journal, "connect");
    return peer;
}
