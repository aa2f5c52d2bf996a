#include "redis_adapter.h"

/* Redis is reached by two connections, as of the library. */
enum { COMMANDS = SIM_NODES, SUBSCRIPTIONS = SIM_NODES + 1 };

typedef struct redis_name {
    struct redis_name *next;
    bool pattern;
    bool confirmed;
    uint64_t token;
    size_t len;
    char text[];
} redis_name;

typedef struct redis_count {
    struct redis_count *next;
    sio_inquiry *inquiry;
} redis_count;

/* ---- names ---- */

static redis_name **find(redis_name **list, bool pattern, sio_str text)
{
    while (*list && ((*list)->pattern != pattern ||
                     !sio_str_equal((sio_str){ (*list)->text, (*list)->len }, text)))
        list = &(*list)->next;
    return list;
}

static void add(redis_name **list, bool pattern, sio_str text, uint64_t token)
{
    redis_name *name = calloc(1, sizeof(*name) + text.len + 1);
    assert_non_null(name);
    *name = (redis_name){ .next = *list, .pattern = pattern, .token = token, .len = text.len };
    memcpy(name->text, text.data, text.len);
    *list = name;
}

static void take(redis_name **place)
{
    redis_name *name = *place;
    *place = name->next;
    free(name);
}

static void take_all(redis_name **list)
{
    while (*list)
        take(list);
}

static sio_str text_of(const redis_name *name)
{
    return (sio_str){ name->text, name->len };
}

/* Patterns end with a star, and a backslash keeps a character from meaning more. */
static bool matches(const redis_name *name, sio_str channel)
{
    size_t at = 0;
    if (!name->pattern)
        return sio_str_equal(text_of(name), channel);
    for (size_t i = 0; i + 1 < name->len; i++, at++) {
        if (name->text[i] == '\\')
            i++;
        if (at >= channel.len || channel.data[at] != name->text[i])
            return false;
    }
    return true;
}

/* ---- what travels ---- */

typedef enum post_kind {
    SUBSCRIBE,
    UNSUBSCRIBE,
    CONFIRM,
    PUBLISH,
    MESSAGE,
    COUNT,
    COUNTED
} post_kind;

typedef struct redis_post {
    sim_cargo cargo;         /* first */
    struct redis_post *next; /* in the queue */
    post_kind kind;
    redis_adapter *all;
    unsigned node; /* that it comes from or goes to */
    unsigned epoch;
    bool pattern;
    uint64_t number; /* the token of a subscription; subscribers */
    sio_inquiry *inquiry;
    sio_str name; /* channel or pattern */
    sio_str channel;
    sio_str payload;
    char text[];
} redis_post;

static void arrive(sim_cargo *cargo, unsigned to);

static void post_free(sim_cargo *cargo)
{
    free(cargo);
}

static sio_str put(char **at, sio_str text)
{
    const sio_str copy = { *at, text.len };
    if (text.len)
        memcpy(*at, text.data, text.len);
    *at += text.len;
    return copy;
}

static redis_post *post_new(const redis_adapter *node, post_kind kind, sio_str name,
                            sio_str channel, sio_str payload)
{
    redis_post *post = calloc(1, sizeof(*post) + name.len + channel.len + payload.len);
    assert_non_null(post);
    char *at = post->text;
    post->cargo = (sim_cargo){ .arrive = arrive, .free = post_free };
    post->kind = kind;
    post->all = node->all;
    post->node = node->index;
    post->epoch = node->epoch;
    post->name = put(&at, name);
    post->channel = put(&at, channel);
    post->payload = put(&at, payload);
    return post;
}

static const sio_str none = { "", 0 };

/* ---- Redis ---- */

static void back(redis_adapter *node, unsigned by, redis_post *post)
{
    sim_wire_send(node->wire, by, node->index, &post->cargo);
}

static void hold(redis_adapter *node, const redis_post *asked)
{
    redis_name **place = find(&node->held, asked->pattern, asked->name);
    if (!*place)
        add(&node->held, asked->pattern, asked->name, 0);
    redis_post *answer = post_new(node, CONFIRM, asked->name, none, none);
    answer->pattern = asked->pattern;
    answer->number = asked->number;
    back(node, SUBSCRIPTIONS, answer);
}

static void drop(redis_adapter *node, const redis_post *asked)
{
    redis_name **place = find(&node->held, asked->pattern, asked->name);
    if (*place)
        take(place);
}

static void hand_out(redis_adapter *node, const redis_post *published)
{
    for (const redis_name *name = node->held; name; name = name->next) {
        if (!matches(name, published->channel))
            continue;
        redis_post *post =
            post_new(node, MESSAGE, text_of(name), published->channel, published->payload);
        post->pattern = name->pattern;
        back(node, SUBSCRIPTIONS, post);
    }
}

static void count_for(redis_adapter *node, const redis_post *asked)
{
    redis_post *answer = post_new(node, COUNTED, none, none, none);
    answer->inquiry = asked->inquiry;
    for (unsigned i = 0; i < node->wire->count; i++)
        answer->number += *find(&node->all[i].held, false, asked->name) != NULL;
    back(node, COMMANDS, answer);
}

static void serve(redis_adapter *node, const redis_post *post)
{
    if (post->kind == SUBSCRIBE)
        hold(node, post);
    else if (post->kind == UNSUBSCRIBE)
        drop(node, post);
    else if (post->kind == COUNT)
        count_for(node, post);
    else
        for (unsigned i = 0; i < node->wire->count; i++)
            hand_out(&node->all[i], post);
}

/* ---- what comes back ---- */

static void begin(redis_adapter *self)
{
    for (const redis_name *name = self->wanted; name; name = name->next)
        if (!name->confirmed)
            return;
    self->ready = true;
    self->part.protocol->ready(self->part.of, true, self->wire->now);
}

static void confirm(redis_adapter *self, const redis_post *post)
{
    redis_name *name = *find(&self->wanted, post->pattern, post->name);
    if (!name || name->token != post->number)
        return;
    name->confirmed = true;
    if (self->part.subscribed)
        self->part.subscribed(self, post->pattern, post->name);
    if (!self->ready)
        begin(self);
}

static void end_count(redis_adapter *self, redis_count **place, int err, uint64_t number)
{
    redis_count *count = *place;
    sio_inquiry *inquiry = count->inquiry;
    *place = count->next;
    free(count);
    self->part.protocol->counted(self->part.of, inquiry, err, number);
}

static void counted(redis_adapter *self, const redis_post *post)
{
    redis_count **place = &self->counts;
    while ((*place)->inquiry != post->inquiry)
        place = &(*place)->next;
    end_count(self, place, 0, post->number);
}

static void receive(redis_adapter *self, const redis_post *post)
{
    if (post->kind == CONFIRM)
        confirm(self, post);
    else if (post->kind == COUNTED)
        counted(self, post);
    else
        self->part.receive(self, post->pattern ? &post->name : NULL, post->channel, post->payload);
}

/* What was under way when the link broke never comes. */
static void arrive(sim_cargo *cargo, unsigned to)
{
    const redis_post *post = (const redis_post *)cargo;
    redis_adapter *node = &post->all[post->node];
    if (!node->up || node->epoch != post->epoch)
        return;
    if (to >= SIM_NODES)
        serve(node, post);
    else
        receive(node, post);
}

/* ---- the link ---- */

int redis_adapter_publish(void *data, sio_str channel, sio_str payload)
{
    redis_adapter *self = data;
    redis_post *post = post_new(self, PUBLISH, none, channel, payload);
    if (self->up) {
        sim_wire_send(self->wire, self->index, COMMANDS, &post->cargo);
        return 0;
    }
    redis_post **last = &self->queue;
    while (*last)
        last = &(*last)->next;
    *last = post;
    return 0;
}

int redis_adapter_count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    redis_adapter *self = data;
    if (!self->up)
        return SIO_ECLOSED;
    redis_count *count = calloc(1, sizeof(*count));
    assert_non_null(count);
    *count = (redis_count){ self->counts, inquiry };
    self->counts = count;
    redis_post *post = post_new(self, COUNT, channel, none, none);
    post->inquiry = inquiry;
    sim_wire_send(self->wire, self->index, COMMANDS, &post->cargo);
    return 0;
}

static void send_subscription(redis_adapter *self, post_kind kind, const redis_name *name)
{
    redis_post *post = post_new(self, kind, text_of(name), none, none);
    post->pattern = name->pattern;
    post->number = name->token;
    sim_wire_send(self->wire, self->index, SUBSCRIPTIONS, &post->cargo);
}

int redis_adapter_subscribe(void *data, bool pattern, sio_str name)
{
    redis_adapter *self = data;
    if (*find(&self->wanted, pattern, name))
        return SIO_EEXISTS;
    add(&self->wanted, pattern, name, ++self->token);
    if (self->up)
        send_subscription(self, SUBSCRIBE, self->wanted);
    return 0;
}

void redis_adapter_unsubscribe(void *data, bool pattern, sio_str name)
{
    redis_adapter *self = data;
    redis_name **place = find(&self->wanted, pattern, name);
    if (!*place)
        return;
    if (self->up)
        send_subscription(self, UNSUBSCRIBE, *place);
    take(place);
}

bool redis_adapter_is_subscribed(void *data, bool pattern, sio_str text)
{
    redis_adapter *self = data;
    const redis_name *name = *find(&self->wanted, pattern, text);
    return name && name->confirmed;
}

/* ---- what the server calls ---- */

static const redis_part *part_of(sio_adapter *adapter)
{
    return &((redis_adapter *)adapter)->part;
}

static int op_open(sio_adapter *adapter, sio_str nsp)
{
    const redis_part *part = part_of(adapter);
    return part->protocol->open(part->of, nsp);
}

static void op_close(sio_adapter *adapter, sio_str nsp)
{
    const redis_part *part = part_of(adapter);
    part->protocol->close(part->of, nsp);
}

static int op_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    const redis_part *part = part_of(adapter);
    return part->protocol->broadcast(part->of, message);
}

static int op_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    const redis_part *part = part_of(adapter);
    return part->protocol->tell(part->of, request);
}

static int op_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    const redis_part *part = part_of(adapter);
    return part->protocol->ask(part->of, request, asker);
}

static void op_forget(sio_adapter *adapter, sio_asker *asker)
{
    const redis_part *part = part_of(adapter);
    part->protocol->forget(part->of, asker);
}

static void op_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    const redis_adapter *self = (const redis_adapter *)adapter;
    self->part.protocol->room(self->part.of, nsp, room, present, self->wire->now);
}

static void op_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    const redis_adapter *self = (const redis_adapter *)adapter;
    self->part.protocol->stats(self->part.of, out);
}

#define OPS(room_function)                                                                         \
    {                                                                                              \
        .open = op_open, .close = op_close, .broadcast = op_broadcast, .tell = op_tell,            \
        .ask = op_ask, .forget = op_forget, .room = (room_function), .stats = op_stats             \
    }
static const sio_adapter_ops ops = OPS(NULL);
static const sio_adapter_ops rooms_ops = OPS(op_room);

/* ---- its life ---- */

static void go_down(redis_adapter *self)
{
    self->up = false;
    self->ready = false;
    self->epoch++;
    take_all(&self->held);
    for (redis_name *name = self->wanted; name; name = name->next)
        name->confirmed = false;
}

void redis_adapter_init(redis_adapter *self, const redis_part *part, bool rooms, sim_wire *wire,
                        redis_adapter *all, unsigned index)
{
    *self = (redis_adapter){ .base.ops = rooms ? &rooms_ops : &ops,
                             .part = *part,
                             .wire = wire,
                             .all = all,
                             .index = index,
                             .up = true };
}

void redis_adapter_unlink(redis_adapter *self)
{
    if (!self->up)
        return;
    go_down(self);
    while (self->counts)
        end_count(self, &self->counts, SIO_ECLOSED, 0);
    self->part.protocol->ready(self->part.of, false, self->wire->now);
}

void redis_adapter_link(redis_adapter *self)
{
    if (self->up)
        return;
    self->up = true;
    for (redis_name *name = self->wanted; name; name = name->next) {
        name->token = ++self->token;
        send_subscription(self, SUBSCRIBE, name);
    }
    while (self->queue) {
        redis_post *post = self->queue;
        self->queue = post->next;
        post->epoch = self->epoch;
        sim_wire_send(self->wire, self->index, COMMANDS, &post->cargo);
    }
}

void redis_adapter_end(redis_adapter *self)
{
    go_down(self);
    assert_int_equal(self->part.inquiries->by_id.count, 0);
    assert_int_equal(self->part.inquiries->by_asker.count, 0);
    assert_int_equal(self->part.duties->count, 0);
    self->part.protocol->stop(self->part.of);
    while (self->counts)
        end_count(self, &self->counts, SIO_ECLOSED, 0);
    self->part.protocol->free(self->part.of);
    take_all(&self->wanted);
    while (self->queue) {
        redis_post *post = self->queue;
        self->queue = post->next;
        free(post);
    }
}
