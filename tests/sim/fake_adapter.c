#include "fake_adapter.h"

typedef struct fake_asked {
    struct fake_asked *next;
    sio_asker *asker;
    uint64_t id;
} fake_asked;

/* ---- what travels ---- */

enum kind { MESSAGE, REQUEST, EXPECT, CLIENTS, ANSWER };

struct parcel {
    sim_cargo cargo; /* first */
    enum kind kind;
    fake_adapter *all;
    unsigned from;
    uint64_t id; /* of what was asked; 0: no answer is wanted */
    uint32_t number;
    sio_arena arena;
    sio_cluster_message message;
    sio_cluster_request request;
    sio_value value;
};

static const sio_str *copy_names(sio_arena *arena, const sio_str *names, size_t count)
{
    sio_str *copies = sio_arena_alloc(arena, (count + 1) * sizeof(*copies));
    assert_non_null(copies);
    for (size_t i = 0; i < count; i++) {
        copies[i] =
            (sio_str){ sio_arena_strndup(arena, names[i].data, names[i].len), names[i].len };
        assert_non_null(copies[i].data);
    }
    return copies;
}

static sio_str copy_name(sio_arena *arena, sio_str name)
{
    return copy_names(arena, &name, 1)[0];
}

static void copy_value(sio_arena *arena, sio_value *out, const sio_value *value)
{
    assert_int_equal(sio_value_clone(arena, out, value), 0);
}

static void arrive(sim_cargo *cargo, unsigned to);

static void parcel_free(sim_cargo *cargo)
{
    struct parcel *self = (struct parcel *)cargo;
    sio_arena_free(&self->arena);
    free(self);
}

static struct parcel *parcel_new(const fake_adapter *from, enum kind kind, uint64_t id)
{
    struct parcel *self = calloc(1, sizeof(*self));
    assert_non_null(self);
    *self = (struct parcel){ .cargo = { .arrive = arrive, .free = parcel_free },
                             .kind = kind,
                             .all = from->all,
                             .from = from->index,
                             .id = id };
    return self;
}

static struct parcel *request_new(const fake_adapter *from, const sio_cluster_request *request,
                                  uint64_t id)
{
    struct parcel *self = parcel_new(from, REQUEST, id);
    sio_arena *arena = &self->arena;
    self->request = *request;
    self->request.nsp = copy_name(arena, request->nsp);
    self->request.rooms = copy_names(arena, request->rooms, request->rooms_count);
    self->request.except = copy_names(arena, request->except, request->except_count);
    self->request.targets = copy_names(arena, request->targets, request->targets_count);
    copy_value(arena, &self->request.data, &request->data);
    return self;
}

/* ---- the one who answers ---- */

struct answering {
    sio_answerer answerer; /* first */
    fake_adapter *self;
    unsigned to;
    uint64_t id;
};

static void reply(const struct answering *answering, enum kind kind, uint32_t number,
                  const sio_value *value)
{
    fake_adapter *self = answering->self;
    struct parcel *answer = parcel_new(self, kind, answering->id);
    answer->number = number;
    if (value)
        copy_value(&answer->arena, &answer->value, value);
    if (self->silent)
        parcel_free(&answer->cargo);
    else
        sim_wire_send(self->wire, self->index, answering->to, &answer->cargo);
}

static void on_clients(sio_answerer *answerer, uint32_t count)
{
    reply((const struct answering *)answerer, CLIENTS, count, NULL);
}

static void on_answer(sio_answerer *answerer, const sio_value *value)
{
    reply((const struct answering *)answerer, ANSWER, 0, value);
}

static void on_end(sio_answerer *answerer)
{
    struct answering *answering = (struct answering *)answerer;
    answering->self->answering--;
    free(answering);
}

static sio_answerer *answering_new(fake_adapter *self, unsigned to, uint64_t id)
{
    struct answering *answering = calloc(1, sizeof(*answering));
    assert_non_null(answering);
    answering->answerer = (sio_answerer){ on_clients, on_answer, on_end };
    answering->self = self;
    answering->to = to;
    answering->id = id;
    self->answering++;
    return &answering->answerer;
}

/* ---- what arrives ---- */

static sio_asker *find(const fake_adapter *self, uint64_t id)
{
    for (const fake_asked *asked = self->asked; asked; asked = asked->next)
        if (asked->id == id)
            return asked->asker;
    return NULL;
}

static unsigned others(const fake_adapter *self)
{
    unsigned count = 0;
    for (unsigned i = 0; i < self->wire->count; i++)
        count += i != self->index && self->wire->nodes[i] && !self->wire->cut[i];
    return count;
}

static void arrive_for(const struct parcel *parcel, sio_asker *asker, const fake_adapter *self)
{
    if (parcel->kind == EXPECT)
        asker->expect(asker, others(self));
    else if (parcel->kind == CLIENTS)
        asker->clients(asker, parcel->number);
    else
        asker->answer(asker, &parcel->value);
}

static void arrive(sim_cargo *cargo, unsigned to)
{
    const struct parcel *parcel = (const struct parcel *)cargo;
    fake_adapter *self = &parcel->all[to];
    sio_asker *asker;
    if (parcel->kind == MESSAGE)
        self->host.deliver(self->host.data, &parcel->message);
    else if (parcel->kind == REQUEST)
        self->host.serve(self->host.data, &parcel->request,
                         parcel->id ? answering_new(self, parcel->from, parcel->id) : NULL);
    else if ((asker = find(self, parcel->id)))
        arrive_for(parcel, asker, self);
}

/* ---- what the server calls ---- */

static int op_open(sio_adapter *adapter, sio_str nsp)
{
    (void)adapter;
    (void)nsp;
    return 0;
}

static void op_close(sio_adapter *adapter, sio_str nsp)
{
    (void)adapter;
    (void)nsp;
}

static int op_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    fake_adapter *self = (fake_adapter *)adapter;
    struct parcel *parcel = parcel_new(self, MESSAGE, 0);
    sio_arena *arena = &parcel->arena;
    parcel->message = *message;
    parcel->message.nsp = copy_name(arena, message->nsp);
    parcel->message.rooms = copy_names(arena, message->rooms, message->rooms_count);
    parcel->message.except = copy_names(arena, message->except, message->except_count);
    copy_value(arena, &parcel->message.data, &message->data);
    sim_wire_spread(self->wire, self->index, &parcel->cargo);
    return 0;
}

static int op_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    fake_adapter *self = (fake_adapter *)adapter;
    assert_int_equal(request->timeout_ms, 0);
    if (self->unlinked)
        return SIO_ECLOSED;
    sim_wire_spread(self->wire, self->index, &request_new(self, request, 0)->cargo);
    return 0;
}

static int op_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    fake_adapter *self = (fake_adapter *)adapter;
    assert_true(request->timeout_ms > 0);
    if (self->unlinked)
        return SIO_ECLOSED;
    fake_asked *asked = calloc(1, sizeof(*asked));
    assert_non_null(asked);
    *asked = (fake_asked){ .next = self->asked, .asker = asker, .id = ++self->next_id };
    self->asked = asked;
    sim_wire_send(self->wire, self->index, self->index,
                  &parcel_new(self, EXPECT, asked->id)->cargo);
    if (request->op != SIO_CLUSTER_SERVER_COUNT)
        sim_wire_spread(self->wire, self->index, &request_new(self, request, asked->id)->cargo);
    return 0;
}

static void op_forget(sio_adapter *adapter, sio_asker *asker)
{
    fake_asked **place = &((fake_adapter *)adapter)->asked;
    while (*place && (*place)->asker != asker)
        place = &(*place)->next;
    assert_non_null(*place); /* it is forgotten once, and not after it failed */
    fake_asked *asked = *place;
    *place = asked->next;
    free(asked);
}

static void op_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    char text[64];
    if (nsp.len != 1)
        return;
    const int len =
        snprintf(text, sizeof(text), "%c%.*s", present ? '+' : '-', (int)room.len, room.data);
    sim_texts_add(&((fake_adapter *)adapter)->rooms, text, (size_t)len);
}

static void op_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    (void)adapter;
    *out = (sio_cluster_stats){ 0 };
}

static const sio_adapter_ops ops = {
    .open = op_open,
    .close = op_close,
    .broadcast = op_broadcast,
    .tell = op_tell,
    .ask = op_ask,
    .forget = op_forget,
    .room = op_room,
    .stats = op_stats,
};

/* ---- its life ---- */

void fake_adapter_init(fake_adapter *self, sim_wire *wire, fake_adapter *all, unsigned index)
{
    *self = (fake_adapter){ .base = { .ops = &ops }, .wire = wire, .all = all, .index = index };
    sio_server *server = wire->nodes[index]->server;
    self->host = sio_core_adapter_host(server);
    assert_int_equal(sio_core_set_adapter(server, &self->base), 0);
}

void fake_adapter_unlink(fake_adapter *self)
{
    self->unlinked = true;
    while (self->asked) {
        fake_asked *asked = self->asked;
        sio_asker *asker = asked->asker;
        self->asked = asked->next;
        free(asked);
        (asker->fail)(asker, SIO_ECLOSED);
    }
}

void fake_adapter_end(fake_adapter *self)
{
    assert_null(self->asked);
    assert_int_equal(self->answering, 0);
    sim_texts_clear(&self->rooms);
}
