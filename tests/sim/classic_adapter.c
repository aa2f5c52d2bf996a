#include "classic_adapter.h"

/* Redis is reached by two connections, as of the library. */
enum { COMMANDS = SIM_NODES, SUBSCRIPTIONS = SIM_NODES + 1 };

typedef struct classic_name {
    struct classic_name *next;
    bool pattern;
    bool confirmed;
    uint64_t token;
    size_t len;
    char text[];
} classic_name;

typedef struct classic_count {
    struct classic_count *next;
    sio_inquiry *inquiry;
} classic_count;

/* ---- names ---- */

static classic_name **find(classic_name **list, bool pattern, sio_str text)
{
    while (*list && ((*list)->pattern != pattern ||
                     !sio_str_equal((sio_str){ (*list)->text, (*list)->len }, text)))
        list = &(*list)->next;
    return list;
}

static void add(classic_name **list, bool pattern, sio_str text, uint64_t token)
{
    classic_name *name = calloc(1, sizeof(*name) + text.len + 1);
    assert_non_null(name);
    *name = (classic_name){ .next = *list, .pattern = pattern, .token = token, .len = text.len };
    memcpy(name->text, text.data, text.len);
    *list = name;
}

static void take(classic_name **place)
{
    classic_name *name = *place;
    *place = name->next;
    free(name);
}

static void take_all(classic_name **list)
{
    while (*list)
        take(list);
}

static sio_str text_of(const classic_name *name)
{
    return (sio_str){ name->text, name->len };
}

/* Patterns end with a star, and a backslash keeps a character from meaning more. */
static bool matches(const classic_name *name, sio_str channel)
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

typedef struct classic_post {
    sim_cargo cargo;           /* first */
    struct classic_post *next; /* in the queue */
    post_kind kind;
    classic_adapter *all;
    unsigned node; /* that it comes from or goes to */
    unsigned epoch;
    bool pattern;
    uint64_t number; /* the token of a subscription; subscribers */
    sio_inquiry *inquiry;
    sio_str name; /* channel or pattern */
    sio_str channel;
    sio_str payload;
    char text[];
} classic_post;

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

static classic_post *post_new(const classic_adapter *node, post_kind kind, sio_str name,
                              sio_str channel, sio_str payload)
{
    classic_post *post = calloc(1, sizeof(*post) + name.len + channel.len + payload.len);
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

static void back(classic_adapter *node, unsigned by, classic_post *post)
{
    sim_wire_send(node->wire, by, node->index, &post->cargo);
}

static void hold(classic_adapter *node, const classic_post *asked)
{
    classic_name **place = find(&node->held, asked->pattern, asked->name);
    if (!*place)
        add(&node->held, asked->pattern, asked->name, 0);
    classic_post *answer = post_new(node, CONFIRM, asked->name, none, none);
    answer->pattern = asked->pattern;
    answer->number = asked->number;
    back(node, SUBSCRIPTIONS, answer);
}

static void drop(classic_adapter *node, const classic_post *asked)
{
    classic_name **place = find(&node->held, asked->pattern, asked->name);
    if (*place)
        take(place);
}

static void hand_out(classic_adapter *node, const classic_post *published)
{
    for (const classic_name *name = node->held; name; name = name->next) {
        if (!matches(name, published->channel))
            continue;
        classic_post *post =
            post_new(node, MESSAGE, text_of(name), published->channel, published->payload);
        post->pattern = name->pattern;
        back(node, SUBSCRIPTIONS, post);
    }
}

static void count_for(classic_adapter *node, const classic_post *asked)
{
    classic_post *answer = post_new(node, COUNTED, none, none, none);
    answer->inquiry = asked->inquiry;
    for (unsigned i = 0; i < node->wire->count; i++)
        answer->number += *find(&node->all[i].held, false, asked->name) != NULL;
    back(node, COMMANDS, answer);
}

static void serve(classic_adapter *node, const classic_post *post)
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

static void begin(classic_adapter *self)
{
    for (const classic_name *name = self->wanted; name; name = name->next)
        if (!name->confirmed)
            return;
    sio_classic_ready(&self->classic, true, self->wire->now);
}

static void confirm(classic_adapter *self, const classic_post *post)
{
    classic_name *name = *find(&self->wanted, post->pattern, post->name);
    if (!name || name->token != post->number)
        return;
    name->confirmed = true;
    sio_classic_subscribed(&self->classic, post->pattern, post->name, self->wire->now);
    if (!self->classic.ready)
        begin(self);
}

static void end_count(classic_adapter *self, classic_count **place, int err, uint64_t number)
{
    classic_count *count = *place;
    sio_inquiry *inquiry = count->inquiry;
    *place = count->next;
    free(count);
    sio_classic_counted(&self->classic, inquiry, err, number);
}

static void counted(classic_adapter *self, const classic_post *post)
{
    classic_count **place = &self->counts;
    while ((*place)->inquiry != post->inquiry)
        place = &(*place)->next;
    end_count(self, place, 0, post->number);
}

static void receive(classic_adapter *self, const classic_post *post)
{
    const uint64_t now = self->wire->now;
    if (post->kind == CONFIRM)
        confirm(self, post);
    else if (post->kind == COUNTED)
        counted(self, post);
    else if (post->pattern)
        sio_classic_receive(&self->classic, post->name, post->channel, post->payload, now);
    else
        sio_classic_receive_channel(&self->classic, post->channel, post->payload, now);
}

/* What was under way when the link broke never comes. */
static void arrive(sim_cargo *cargo, unsigned to)
{
    const classic_post *post = (const classic_post *)cargo;
    classic_adapter *node = &post->all[post->node];
    if (!node->up || node->epoch != post->epoch)
        return;
    if (to >= SIM_NODES)
        serve(node, post);
    else
        receive(node, post);
}

/* ---- the link of the classic adapter ---- */

static int link_publish(void *data, sio_str channel, sio_str payload)
{
    classic_adapter *self = data;
    classic_post *post = post_new(self, PUBLISH, none, channel, payload);
    if (self->up) {
        sim_wire_send(self->wire, self->index, COMMANDS, &post->cargo);
        return 0;
    }
    classic_post **last = &self->queue;
    while (*last)
        last = &(*last)->next;
    *last = post;
    return 0;
}

static int link_count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    classic_adapter *self = data;
    if (!self->up)
        return SIO_ECLOSED;
    classic_count *count = calloc(1, sizeof(*count));
    assert_non_null(count);
    *count = (classic_count){ self->counts, inquiry };
    self->counts = count;
    classic_post *post = post_new(self, COUNT, channel, none, none);
    post->inquiry = inquiry;
    sim_wire_send(self->wire, self->index, COMMANDS, &post->cargo);
    return 0;
}

static void send_subscription(classic_adapter *self, post_kind kind, const classic_name *name)
{
    classic_post *post = post_new(self, kind, text_of(name), none, none);
    post->pattern = name->pattern;
    post->number = name->token;
    sim_wire_send(self->wire, self->index, SUBSCRIPTIONS, &post->cargo);
}

static int link_subscribe(void *data, bool pattern, sio_str name)
{
    classic_adapter *self = data;
    if (*find(&self->wanted, pattern, name))
        return SIO_EEXISTS;
    add(&self->wanted, pattern, name, ++self->token);
    if (self->up)
        send_subscription(self, SUBSCRIBE, self->wanted);
    return 0;
}

static void link_unsubscribe(void *data, bool pattern, sio_str name)
{
    classic_adapter *self = data;
    classic_name **place = find(&self->wanted, pattern, name);
    if (!*place)
        return;
    if (self->up)
        send_subscription(self, UNSUBSCRIBE, *place);
    take(place);
}

static bool link_is_subscribed(void *data, bool pattern, sio_str text)
{
    classic_adapter *self = data;
    const classic_name *name = *find(&self->wanted, pattern, text);
    return name && name->confirmed;
}

/* ---- what the server calls ---- */

static sio_classic *classic_of(sio_adapter *adapter)
{
    return &((classic_adapter *)adapter)->classic;
}

static int op_open(sio_adapter *adapter, sio_str nsp)
{
    return sio_classic_open(classic_of(adapter), nsp);
}

static void op_close(sio_adapter *adapter, sio_str nsp)
{
    sio_classic_close(classic_of(adapter), nsp);
}

static int op_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    return sio_classic_broadcast(classic_of(adapter), message);
}

static int op_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    return sio_classic_tell(classic_of(adapter), request);
}

static int op_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    return sio_classic_ask(classic_of(adapter), request, asker);
}

static void op_forget(sio_adapter *adapter, sio_asker *asker)
{
    sio_classic_forget(classic_of(adapter), asker);
}

static void op_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    const classic_adapter *self = (const classic_adapter *)adapter;
    sio_classic_room(classic_of(adapter), nsp, room, present, self->wire->now);
}

static void op_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    *out = ((const classic_adapter *)adapter)->classic.stats;
}

#define OPS(room_function)                                                                         \
    {                                                                                              \
        .open = op_open, .close = op_close, .broadcast = op_broadcast, .tell = op_tell,            \
        .ask = op_ask, .forget = op_forget, .room = (room_function), .stats = op_stats             \
    }
static const sio_adapter_ops pattern_ops = OPS(NULL);
static const sio_adapter_ops rooms_ops = OPS(op_room);

/* ---- its life ---- */

void classic_adapter_init(classic_adapter *self, sim_wire *wire, classic_adapter *all,
                          unsigned index, sio_redis_subscribe subscribe)
{
    const sio_classic_link link = {
        .data = self,
        .publish = link_publish,
        .count = link_count,
        .subscribe = link_subscribe,
        .unsubscribe = link_unsubscribe,
        .is_subscribed = link_is_subscribed,
    };
    const sio_redis_options options = { .subscribe = subscribe,
                                        .specific_response_channel = index % 2 == 1 };
    sio_server *server = wire->nodes[index]->server;
    const sio_adapter_host host = sio_core_adapter_host(server);
    *self = (classic_adapter){ .wire = wire, .all = all, .index = index, .up = true };
    self->base.ops = subscribe == SIO_SUBSCRIBE_PATTERN ? &pattern_ops : &rooms_ops;
    assert_int_equal(sio_classic_init(&self->classic, &host, &link, &options), 0);
    assert_int_equal(sio_core_set_adapter(server, &self->base), 0);
}

static void go_down(classic_adapter *self)
{
    self->up = false;
    self->epoch++;
    take_all(&self->held);
    for (classic_name *name = self->wanted; name; name = name->next)
        name->confirmed = false;
}

void classic_adapter_unlink(classic_adapter *self)
{
    if (!self->up)
        return;
    go_down(self);
    while (self->counts)
        end_count(self, &self->counts, SIO_ECLOSED, 0);
    sio_classic_ready(&self->classic, false, self->wire->now);
}

void classic_adapter_link(classic_adapter *self)
{
    if (self->up)
        return;
    self->up = true;
    for (classic_name *name = self->wanted; name; name = name->next) {
        name->token = ++self->token;
        send_subscription(self, SUBSCRIBE, name);
    }
    while (self->queue) {
        classic_post *post = self->queue;
        self->queue = post->next;
        post->epoch = self->epoch;
        sim_wire_send(self->wire, self->index, COMMANDS, &post->cargo);
    }
}

void classic_adapter_end(classic_adapter *self)
{
    assert_int_equal(self->classic.inquiries.by_id.count, 0);
    assert_int_equal(self->classic.inquiries.by_asker.count, 0);
    assert_int_equal(self->classic.duties.count, 0);
    go_down(self);
    sio_classic_stop(&self->classic);
    while (self->counts)
        end_count(self, &self->counts, SIO_ECLOSED, 0);
    sio_classic_free(&self->classic);
    take_all(&self->wanted);
    while (self->queue) {
        classic_post *post = self->queue;
        self->queue = post->next;
        free(post);
    }
}
