/* Ways to subscribe: a Redis that is a queue of commands and a stream of what it sends, in an order
 * that a seed decides. Whatever happens in between, a message for a room that is known to be joined
 * comes once. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "check.h"
#include "cluster/classic.h"

#define NAMES    96 /* subscriptions at a time */
#define QUEUE    4096
#define ROOMS    6
#define SPACES   3
#define MESSAGES 4096
#define NAME     96

typedef struct subscription {
    bool pattern;
    char text[NAME];
} subscription;

typedef enum heard_kind { MESSAGE, CONFIRMATION } heard_kind;

typedef struct heard {
    heard_kind kind;
    subscription name;
    char channel[NAME];
    unsigned number; /* of the message */
    uint64_t command;
} heard;

typedef struct asked {
    bool joining;
    subscription name;
    uint64_t number;
} asked;

static const char *const space_names[SPACES] = { "/", "/a", "/a#r0" };
static const char *const room_names[ROOMS] = { "r0", "r1", "r2", "r0#r1", "20-characters-of-id-",
                                               "r 5" };

static struct world {
    sio_classic classic;
    uint64_t now;
    uint32_t seed;
    subscription wanted[NAMES]; /* by the node; */
    bool confirmed[NAMES];
    unsigned wanted_count;
    subscription held[NAMES]; /* by Redis */
    unsigned held_count;
    asked commands[QUEUE];
    unsigned commands_head, commands_tail;
    heard stream[QUEUE];
    unsigned stream_head, stream_tail;
    uint64_t sent, processed; /* commands */
    bool up;
    bool joined[SPACES][ROOMS];
    uint64_t joined_with[SPACES][ROOMS]; /* after which command the join is known to Redis */
    unsigned deliveries[MESSAGES];
    bool due[MESSAGES];
    int message_space[MESSAGES], message_room[MESSAGES];
    unsigned messages;
    unsigned answers; /* that were published */
    unsigned failing; /* subscribes that fail from now on */
} w;

static uint32_t chance(uint32_t below)
{
    w.seed = w.seed * 1664525u + 1013904223u;
    return (w.seed >> 8) % below;
}

/* ---- the node's side ---- */

static int find(const subscription *names, unsigned count, bool pattern, sio_str text)
{
    for (unsigned i = 0; i < count; i++)
        if (names[i].pattern == pattern && sio_str_equal(sio_str_from(names[i].text), text))
            return (int)i;
    return -1;
}

static subscription name_of(bool pattern, sio_str text)
{
    subscription one = { .pattern = pattern };
    assert_true(text.len < NAME);
    memcpy(one.text, text.data, text.len);
    return one;
}

/* One that undoes what has not been sent takes it back, and nothing is heard of it. */
static bool take_back(bool joining, const subscription *one)
{
    for (unsigned i = w.commands_tail; i-- > w.commands_head;) {
        asked *c = &w.commands[i % QUEUE];
        if (c->name.pattern != one->pattern || strcmp(c->name.text, one->text) != 0)
            continue;
        if (c->joining == joining || c->name.text[0] == '\0')
            return false;
        c->name.text[0] = '\0';
        return true;
    }
    return false;
}

static void send_command(bool joining, const subscription *one)
{
    if (!w.up || take_back(joining, one))
        return;
    assert_true(w.commands_tail - w.commands_head < QUEUE);
    w.commands[w.commands_tail++ % QUEUE] = (asked){ joining, *one, ++w.sent };
}

static int subscribe(void *data, bool pattern, sio_str text)
{
    (void)data;
    const subscription one = name_of(pattern, text);
    if (w.failing && w.failing-- == 1)
        return SIO_ENOMEM;
    if (find(w.wanted, w.wanted_count, pattern, text) >= 0)
        return SIO_EEXISTS;
    assert_true(w.wanted_count < NAMES);
    w.confirmed[w.wanted_count] =
        w.up && find(w.held, w.held_count, pattern, text) >= 0; /* if it is never away */
    w.wanted[w.wanted_count++] = one;
    send_command(true, &one);
    return 0;
}

static void unsubscribe(void *data, bool pattern, sio_str text)
{
    (void)data;
    int at = find(w.wanted, w.wanted_count, pattern, text);
    if (at < 0)
        return;
    const subscription one = w.wanted[at];
    w.wanted[at] = w.wanted[--w.wanted_count];
    w.confirmed[at] = w.confirmed[w.wanted_count];
    send_command(false, &one);
}

static bool is_subscribed(void *data, bool pattern, sio_str text)
{
    (void)data;
    int at = find(w.wanted, w.wanted_count, pattern, text);
    return at >= 0 && w.confirmed[at];
}

static int publish(void *data, sio_str channel, sio_str payload)
{
    (void)data, (void)channel, (void)payload;
    w.answers++;
    return 0;
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    (void)data, (void)channel, (void)inquiry;
    return SIO_ECLOSED;
}

static int space_at(sio_str nsp)
{
    for (int i = 0; i < SPACES; i++)
        if (sio_str_equal(nsp, sio_str_from(space_names[i])))
            return i;
    return -1;
}

static bool has_room(void *data, sio_str nsp, sio_str room)
{
    (void)data;
    int space = space_at(nsp);
    for (int i = 0; i < ROOMS; i++)
        if (sio_str_equal(room, sio_str_from(room_names[i])))
            return w.joined[space][i];
    return false;
}

static void rooms(void *data, sio_str nsp, void (*each)(void *each_data, sio_str room),
                  void *each_data)
{
    (void)data;
    int space = space_at(nsp);
    for (int i = 0; i < ROOMS; i++)
        if (w.joined[space][i])
            each(each_data, sio_str_from(room_names[i]));
}

static void deliver(void *data, const sio_cluster_message *message)
{
    (void)data;
    w.deliveries[sio_value_int(sio_value_at(&message->data, 1))]++;
}

static void serve(void *data, const sio_cluster_request *request, sio_answerer *answerer)
{
    (void)data, (void)request;
    const sio_value none = sio_value_of_array(NULL, 0);
    answerer->answer(answerer, &none);
    answerer->end(answerer);
}

static void warn(void *data, const char *text)
{
    (void)data, (void)text;
}

static void give_random(void *data, void *out, size_t len)
{
    (void)data;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = (unsigned char)chance(256);
}

/* ---- Redis ---- */

static void push_event(heard e)
{
    assert_true(w.stream_tail - w.stream_head < QUEUE);
    w.stream[w.stream_tail++ % QUEUE] = e;
}

static void process_command(void)
{
    if (w.commands_head == w.commands_tail)
        return;
    const asked c = w.commands[w.commands_head++ % QUEUE];
    w.processed = c.number;
    if (!c.name.text[0])
        return;
    int at = find(w.held, w.held_count, c.name.pattern, sio_str_from(c.name.text));
    if (c.joining) {
        if (at < 0)
            w.held[w.held_count++] = c.name;
        push_event((heard){ .kind = CONFIRMATION, .name = c.name });
    } else if (at >= 0) {
        w.held[at] = w.held[--w.held_count];
    }
}

static bool matches(const subscription *one, const char *channel)
{
    size_t len = strlen(one->text);
    return one->pattern ? strncmp(one->text, channel, len - 1) == 0
                        : strcmp(one->text, channel) == 0;
}

/* To exact channels first, as Redis does. */
static void publish_to(const char *channel, unsigned number)
{
    for (int pattern = 0; pattern < 2; pattern++) {
        for (unsigned i = 0; i < w.held_count; i++) {
            heard e = { .kind = MESSAGE, .name = w.held[i], .number = number };
            if (w.held[i].pattern != pattern || !matches(&w.held[i], channel))
                continue;
            snprintf(e.channel, sizeof e.channel, "%s", channel);
            push_event(e);
        }
    }
}

static sio_buf compose(unsigned number)
{
    sio_buf out = { 0 };
    const sio_value event[] = { sio_value_of_string(SIO_STR("x")), sio_value_of_int(number) };
    int space = w.message_space[number], room = w.message_room[number];
    const sio_str name = room < 0 ? SIO_STR("") : sio_str_from(room_names[room]);
    const sio_cluster_message message = { .uid = SIO_STR("other-"),
                                          .nsp = sio_str_from(space_names[space]),
                                          .rooms = &name,
                                          .rooms_count = room < 0 ? 0 : 1,
                                          .data = sio_value_of_array(event, 2) };
    sio_cluster_message_write(&out, &message, SIO_CLUSTER_ADAPTER);
    return out;
}

/* Another node publishes to a room, or to everybody. */
static void other_publishes(void)
{
    char channel[NAME];
    unsigned number = w.messages++;
    int space = (int)chance(SPACES), room = (int)chance(ROOMS + 1) - 1;
    assert_true(number < MESSAGES);
    w.message_space[number] = space;
    w.message_room[number] = room;
    w.due[number] =
        w.up && (room < 0 || (w.joined[space][room] && w.joined_with[space][room] <= w.processed));
    snprintf(channel, sizeof channel, "socket.io#%s#%s%s", space_names[space],
             room < 0 ? "" : room_names[room], room < 0 ? "" : "#");
    publish_to(channel, number);
}

static void read_event(void)
{
    if (w.stream_head == w.stream_tail)
        return;
    const heard e = w.stream[w.stream_head++ % QUEUE];
    const sio_str name = sio_str_from(e.name.text);
    if (e.kind == CONFIRMATION) {
        int at = find(w.wanted, w.wanted_count, e.name.pattern, name);
        if (at < 0 || w.confirmed[at])
            return;
        w.confirmed[at] = true;
        sio_classic_subscribed(&w.classic, e.name.pattern, name, w.now);
        return;
    }
    sio_buf bytes = compose(e.number);
    const sio_str payload = { bytes.data, bytes.len };
    if (e.name.pattern)
        sio_classic_receive(&w.classic, name, sio_str_from(e.channel), payload, w.now);
    else
        sio_classic_receive_channel(&w.classic, sio_str_from(e.channel), payload, w.now);
    sio_buf_free(&bytes);
}

static void settle(void)
{
    while (w.commands_head != w.commands_tail || w.stream_head != w.stream_tail) {
        process_command();
        read_event();
    }
}

/* ---- what may happen ---- */

static void lose_link(void)
{
    w.up = false;
    w.held_count = 0;
    w.commands_head = w.commands_tail;
    w.stream_head = w.stream_tail;
    w.processed = w.sent;
    for (unsigned i = 0; i < w.wanted_count; i++)
        w.confirmed[i] = false;
    for (unsigned i = 0; i < w.messages; i++)
        w.due[i] = w.due[i] && w.deliveries[i] == 1;
    sio_classic_ready(&w.classic, false, w.now);
}

static void make_link(void)
{
    w.up = true;
    for (unsigned i = 0, from = chance(w.wanted_count + 1); i < w.wanted_count; i++)
        send_command(true, &w.wanted[(i + from) % w.wanted_count]);
    uint64_t last = w.sent;
    while (w.processed < last || w.stream_head != w.stream_tail) {
        process_command();
        read_event();
    }
    sio_classic_ready(&w.classic, true, w.now);
}

static void change_room(void)
{
    int space = (int)chance(SPACES), room = (int)chance(ROOMS);
    bool present = !w.joined[space][room];
    w.joined[space][room] = present;
    sio_classic_room(&w.classic, sio_str_from(space_names[space]), sio_str_from(room_names[room]),
                     present, w.now);
    w.joined_with[space][room] = w.sent;
    for (unsigned i = 0; i < w.messages && !present; i++) /* those on their way find nobody */
        if (w.message_space[i] == space && w.message_room[i] == room)
            w.due[i] = w.due[i] && w.deliveries[i] == 1;
}

/* What is counted is made to speak for the other way. */
static void tip_the_balance(void)
{
    w.now += SIO_LIMIT_BALANCE_WINDOW_MS;
    w.classic.balance.arrived = w.classic.balance.idle = 100000;
    w.classic.balance.changes = w.classic.hearing == SIO_HEARING_ROOMS ? 1000000 : 0;
}

static void begin(sio_redis_subscribe how, uint32_t seed)
{
    const sio_adapter_host host = { .has_room = has_room,
                                    .deliver = deliver,
                                    .serve = serve,
                                    .rooms = rooms,
                                    .warn = warn,
                                    .random = give_random };
    const sio_classic_link link = { NULL, publish, count, subscribe, unsubscribe, is_subscribed };
    const sio_redis_options options = { .subscribe = how };
    memset(&w, 0, sizeof w);
    w.seed = seed;
    assert_int_equal(sio_classic_init(&w.classic, &host, &link, &options), 0);
    for (int i = 0; i < SPACES; i++)
        assert_int_equal(sio_classic_open(&w.classic, sio_str_from(space_names[i])), 0);
    make_link();
}

static void step(void)
{
    switch (chance(16)) {
    case 0:
        change_room();
        break;
    case 1:
    case 2:
    case 3:
        other_publishes();
        break;
    case 4:
        if (chance(8) == 0)
            tip_the_balance();
        break;
    case 5:
        if (chance(40) == 0) {
            lose_link();
            change_room();
            make_link();
        }
        break;
    default:
        if (chance(2))
            process_command();
        else
            read_event();
    }
}

static void assert_each_came_once(uint32_t seed)
{
    for (unsigned i = 0; i < w.messages; i++) {
        if (w.deliveries[i] > 1 || (w.due[i] && w.deliveries[i] == 0))
            print_error("seed %u: message %u came %u times\n", seed, i, w.deliveries[i]);
        assert_true(w.deliveries[i] <= 1);
        assert_true(!w.due[i] || w.deliveries[i] == 1);
    }
}

static void no_message_is_lost_and_none_comes_twice(void **state)
{
    (void)state;
    unsigned turns = 0;
    for (uint32_t seed = 1; seed <= 300; seed++) {
        begin((sio_redis_subscribe)(seed % 4 < 2 ? 2 : seed % 4 - 2), seed);
        sio_hearing last = w.classic.hearing;
        for (int i = 0; i < 3000; i++) {
            step();
            turns += w.classic.hearing != last;
            last = w.classic.hearing;
        }
        settle();
        assert_each_came_once(seed);
        sio_classic_free(&w.classic);
    }
    assert_true(turns > 1000); /* it did change its way, often */
}

static void join(int space, int room)
{
    w.joined[space][room] = true;
    sio_classic_room(&w.classic, sio_str_from(space_names[space]), sio_str_from(room_names[room]),
                     true, w.now);
}

static void leave(int space, int room)
{
    w.joined[space][room] = false;
    sio_classic_room(&w.classic, sio_str_from(space_names[space]), sio_str_from(room_names[room]),
                     false, w.now);
}

static bool is_held(bool pattern, const char *text)
{
    return find(w.held, w.held_count, pattern, sio_str_from(text)) >= 0;
}

static void rooms_are_subscribed_to_while_they_have_members(void **state)
{
    (void)state;
    begin(SIO_SUBSCRIBE_ROOMS, 1);
    assert_false(is_held(true, "socket.io#/#*"));
    assert_true(is_held(false, "socket.io#/#"));
    join(0, 0);
    settle();
    assert_true(is_held(false, "socket.io#/#r0#"));
    assert_int_equal(w.classic.channels, SPACES + 1);
    leave(0, 0);
    settle();
    assert_false(is_held(false, "socket.io#/#r0#"));
    assert_int_equal(w.classic.channels, SPACES);
    sio_classic_free(&w.classic);
}

/* Room r0 of /a has the channel of /a#r0, and r0#r1 that of r1 there. */
static void channels_may_be_shared(void **state)
{
    (void)state;
    begin(SIO_SUBSCRIBE_ROOMS, 1);
    join(1, 0);
    join(1, 3);
    join(2, 1);
    settle();
    assert_true(is_held(false, "socket.io#/a#r0#r1#"));
    leave(1, 0);
    leave(1, 3);
    settle();
    assert_true(is_held(false, "socket.io#/a#r0#"));
    assert_true(is_held(false, "socket.io#/a#r0#r1#"));
    leave(2, 1);
    settle();
    assert_false(is_held(false, "socket.io#/a#r0#r1#"));
    sio_classic_close(&w.classic, SIO_STR("/a#r0"));
    settle();
    assert_false(is_held(false, "socket.io#/a#r0#"));
    sio_classic_free(&w.classic);
}

static void receive_question(void)
{
    sio_classic_receive_channel(&w.classic, SIO_STR("socket.io-request#/#"),
                                SIO_STR("{\"requestId\":\"q\",\"type\":1}"), w.now);
}

static void answers_wait_for_what_was_joined_before(void **state)
{
    (void)state;
    begin(SIO_SUBSCRIBE_ROOMS, 1);
    receive_question();
    assert_int_equal(w.answers, 0); /* nothing has been joined, but the namespaces were listed */
    settle();
    assert_int_equal(w.answers, 1);
    receive_question();
    assert_int_equal(w.answers, 2);
    join(0, 0);
    receive_question();
    join(0, 1);
    receive_question();
    assert_int_equal(w.answers, 2);
    settle();
    assert_int_equal(w.answers, 4);
    assert_int_equal(w.wanted_count, 3 * SPACES + SPACES + 2); /* no marker is left */
    join(0, 2);
    receive_question();
    lose_link(); /* the queue of the link keeps it until all is confirmed */
    assert_int_equal(w.answers, 5);
    make_link();
    receive_question();
    settle();
    assert_int_equal(w.answers, 6);
    sio_classic_free(&w.classic);
}

static void with_the_pattern_nothing_waits(void **state)
{
    (void)state;
    begin(SIO_SUBSCRIBE_PATTERN, 1);
    join(0, 0);
    receive_question();
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.classic.channels, 0);
    sio_classic_free(&w.classic);
}

static void auto_changes_when_most_is_for_nobody(void **state)
{
    (void)state;
    begin(SIO_SUBSCRIBE_AUTO, 1);
    join(0, 0);
    for (unsigned i = 0; i < SIO_LIMIT_BALANCE_LEAST; i++) {
        publish_to("socket.io#/#r1#", 0);
        settle();
    }
    assert_int_equal(w.classic.hearing, SIO_HEARING_PATTERN);
    w.now += SIO_LIMIT_BALANCE_WINDOW_MS;
    publish_to("socket.io#/#r1#", 0);
    settle();
    assert_int_equal(w.classic.hearing, SIO_HEARING_ROOMS);
    assert_false(is_held(true, "socket.io#/#*"));
    assert_true(is_held(false, "socket.io#/#r0#"));
    for (unsigned i = 0; i < 2 * SIO_LIMIT_BALANCE_LEAST; i++) {
        join(0, 1);
        leave(0, 1);
    }
    assert_int_equal(w.classic.hearing, SIO_HEARING_ROOMS);
    w.now += SIO_LIMIT_BALANCE_WINDOW_MS;
    join(0, 1);
    settle();
    assert_int_equal(w.classic.hearing, SIO_HEARING_PATTERN);
    assert_true(is_held(true, "socket.io#/#*"));
    assert_false(is_held(false, "socket.io#/#r0#"));
    sio_classic_free(&w.classic);
}

/* Where rooms cannot be subscribed to, the pattern hears them. */
static void out_of_memory_means_the_pattern(void **state)
{
    (void)state;
    begin(SIO_SUBSCRIBE_ROOMS, 1);
    w.failing = 1;
    join(0, 0);
    settle();
    assert_int_equal(w.classic.hearing, SIO_HEARING_PATTERN);
    assert_true(is_held(true, "socket.io#/#*"));
    assert_int_equal(w.classic.channels, 0);
    sio_classic_free(&w.classic);
    for (unsigned failing = 1; failing < 8; failing++) { /* on the way to rooms */
        begin(SIO_SUBSCRIBE_AUTO, 1);
        join(0, 0);
        join(1, 1);
        tip_the_balance();
        w.failing = failing;
        publish_to("socket.io#/#", 0);
        settle();
        join(0, 2);
        settle();
        assert_true(w.classic.hearing == SIO_HEARING_PATTERN ||
                    w.classic.hearing == SIO_HEARING_ROOMS);
        for (int room = 0; room < 3; room++)
            if (w.joined[0][room])
                assert_true(w.classic.hearing == SIO_HEARING_PATTERN
                                ? is_held(true, "socket.io#/#*")
                                : w.classic.channels == SPACES + 3);
        sio_classic_free(&w.classic);
    }
}

static void too_many_rooms_mean_the_pattern_for_good(void **state)
{
    (void)state;
    for (int how = SIO_SUBSCRIBE_ROOMS; how <= SIO_SUBSCRIBE_AUTO; how++) {
        begin((sio_redis_subscribe)how, 1);
        join(0, 0);
        w.classic.channels = SIO_LIMIT_CHANNELS;
        tip_the_balance();
        publish_to("socket.io#/#", 0);
        settle();
        join(0, 1);
        settle();
        assert_int_equal(w.classic.hearing, SIO_HEARING_PATTERN);
        assert_true(is_held(true, "socket.io#/#*"));
        tip_the_balance();
        publish_to("socket.io#/#", 0);
        settle();
        assert_int_equal(w.classic.hearing, SIO_HEARING_PATTERN);
        sio_classic_free(&w.classic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms_are_subscribed_to_while_they_have_members),
        cmocka_unit_test(channels_may_be_shared),
        cmocka_unit_test(answers_wait_for_what_was_joined_before),
        cmocka_unit_test(with_the_pattern_nothing_waits),
        cmocka_unit_test(auto_changes_when_most_is_for_nobody),
        cmocka_unit_test(out_of_memory_means_the_pattern),
        cmocka_unit_test(too_many_rooms_mean_the_pattern_for_good),
        cmocka_unit_test(no_message_is_lost_and_none_comes_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
