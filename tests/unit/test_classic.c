/* The classic adapter without Redis: what is published where, and what is delivered. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "check.h"
#include "cluster/classic.h"
#include "hex.h"
#include "malformed.h"

#define MINUTE 60000

typedef struct fixture {
    sio_classic classic;
    const char *rooms; /* "nsp:room nsp:room": those that somebody here is in */
    unsigned delivered;
    unsigned warned;
    char nsp[32];
    char json[256];
    char warning[256];
    unsigned char random;
    unsigned published;
    unsigned subscribed, unsubscribed;
    int answer;
    char channel[128];
    char payload[512];
    size_t payload_len;
} fixture;

static bool has_room(void *data, sio_str nsp, sio_str room)
{
    const fixture *f = data;
    char name[256];
    snprintf(name, sizeof name, "%.*s:%.*s", (int)nsp.len, nsp.data, (int)room.len, room.data);
    const char *found = strstr(f->rooms, name);
    return found && (found[strlen(name)] == ' ' || found[strlen(name)] == '\0');
}

static void deliver(void *data, const sio_cluster_message *message)
{
    fixture *f = data;
    char *json;
    f->delivered++;
    snprintf(f->nsp, sizeof f->nsp, "%.*s", (int)message->nsp.len, message->nsp.data);
    if (message->json.data) {
        assert_int_equal(message->data.type, SIO_TYPE_UNDEFINED);
        snprintf(f->json, sizeof f->json, "as text: %.*s", (int)message->json.len,
                 message->json.data);
        return;
    }
    assert_int_equal(sio_value_to_json(&message->data, &json, NULL), 0);
    snprintf(f->json, sizeof f->json, "%s", json);
    sio_free(json);
}

static void warn(void *data, const char *text)
{
    fixture *f = data;
    f->warned++;
    snprintf(f->warning, sizeof f->warning, "%s", text);
}

static void give_random(void *data, void *out, size_t len)
{
    fixture *f = data;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = f->random++;
}

static int publish(void *data, sio_str channel, sio_str payload)
{
    fixture *f = data;
    f->published++;
    snprintf(f->channel, sizeof f->channel, "%.*s", (int)channel.len, channel.data);
    f->payload_len = payload.len;
    memcpy(f->payload, payload.data, payload.len < sizeof f->payload ? payload.len : 0);
    return f->answer;
}

static int subscribe(void *data, bool pattern, sio_str name)
{
    fixture *f = data;
    (void)pattern, (void)name;
    f->subscribed++;
    return 0;
}

static void unsubscribe(void *data, bool pattern, sio_str name)
{
    fixture *f = data;
    (void)pattern, (void)name;
    f->unsubscribed++;
}

static bool is_subscribed(void *data, bool pattern, sio_str name)
{
    (void)data, (void)pattern, (void)name;
    return true;
}

/* When a namespace is opened nobody is in it. */
static void no_rooms(void *data, sio_str nsp, void (*each)(void *each_data, sio_str room),
                     void *each_data)
{
    (void)data, (void)nsp, (void)each, (void)each_data;
}

static void begin_with(fixture *f, const char *rooms, const sio_redis_options *options)
{
    const sio_adapter_host host = { .data = f,
                                    .has_room = has_room,
                                    .rooms = no_rooms,
                                    .deliver = deliver,
                                    .warn = warn,
                                    .random = give_random };
    const sio_classic_link link = { f, publish, NULL, subscribe, unsubscribe, is_subscribed };
    *f = (fixture){ .rooms = rooms };
    assert_int_equal(sio_classic_init(&f->classic, &host, &link, options), 0);
}

static void begin(fixture *f, const char *rooms)
{
    begin_with(f, rooms, &(sio_redis_options){ 0 });
}

static void open_nsp(fixture *f, const char *nsp)
{
    assert_int_equal(sio_classic_open(&f->classic, sio_str_from(nsp)), 0);
}

static void receive(fixture *f, const char *pattern, const char *channel, sio_str payload)
{
    sio_classic_receive(&f->classic, sio_str_from(pattern), sio_str_from(channel), payload, 0);
}

/* A message of another node. */
static sio_buf compose(const char *nsp, const sio_str *rooms, size_t rooms_count)
{
    sio_buf out = { 0 };
    const sio_value event = sio_value_of_string(SIO_STR("x"));
    const sio_cluster_message message = { .uid = SIO_STR("other-"),
                                          .nsp = sio_str_from(nsp),
                                          .rooms = rooms,
                                          .rooms_count = rooms_count,
                                          .data = sio_value_of_array(&event, 1) };
    sio_cluster_message_write(&out, &message, SIO_CLUSTER_ADAPTER);
    assert_int_equal(out.err, 0);
    return out;
}

static void receive_from(fixture *f, const char *pattern, const char *channel, const char *nsp,
                         const sio_str *rooms, size_t rooms_count)
{
    sio_buf bytes = compose(nsp, rooms, rooms_count);
    receive(f, pattern, channel, (sio_str){ bytes.data, bytes.len });
    sio_buf_free(&bytes);
}

static int broadcast(fixture *f, const char *nsp, const sio_str *rooms, size_t rooms_count)
{
    const sio_value event = sio_value_of_string(SIO_STR("x"));
    const sio_cluster_message message = { .nsp = sio_str_from(nsp),
                                          .rooms = rooms,
                                          .rooms_count = rooms_count,
                                          .data = sio_value_of_array(&event, 1) };
    return sio_classic_broadcast(&f->classic, &message);
}

static void one_room_has_a_channel(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "");
    const sio_str rooms[] = { SIO_STR("r1"), SIO_STR("r2") };
    open_nsp(&f, "/a");
    assert_int_equal(broadcast(&f, "/a", rooms, 0), 0);
    assert_string_equal(f.channel, "socket.io#/a#");
    assert_int_equal(broadcast(&f, "/a", rooms, 1), 0);
    assert_string_equal(f.channel, "socket.io#/a#r1#");
    assert_int_equal(broadcast(&f, "/a", rooms, 2), 0);
    assert_string_equal(f.channel, "socket.io#/a#");
    assert_int_equal(f.published, 3);
    f.answer = SIO_ELIMIT;
    assert_int_equal(broadcast(&f, "/a", rooms, 2), SIO_ELIMIT);
    assert_int_equal(broadcast(&f, "/b", rooms, 2), SIO_ENOTFOUND);
    sio_classic_free(&f.classic);
}

static bool takes_json(void *data, sio_str nsp)
{
    (void)data;
    return sio_str_equal(nsp, SIO_STR("/a"));
}

static void send_event(fixture *f, const char *pattern, const char *channel, const char *nsp,
                       sio_value argument)
{
    const sio_value items[] = { sio_value_of_string(SIO_STR("x")), argument };
    const sio_cluster_message message = { .uid = SIO_STR("other-"),
                                          .nsp = sio_str_from(nsp),
                                          .data = sio_value_of_array(items, 2) };
    sio_buf bytes = { 0 };
    sio_cluster_message_write(&bytes, &message, SIO_CLUSTER_ADAPTER);
    receive(f, pattern, channel, (sio_str){ bytes.data, bytes.len });
    sio_buf_free(&bytes);
}

/* And no more than that: what JSON cannot say comes as it is. */
static void who_takes_json_gets_it(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "");
    f.classic.host.takes_json = takes_json;
    open_nsp(&f, "/a");
    open_nsp(&f, "/b");
    send_event(&f, "socket.io#/a#*", "socket.io#/a#", "/a", sio_value_of_string(SIO_STR("\n")));
    assert_string_equal(f.json, "as text: [\"x\",\"\\n\"]");
    send_event(&f, "socket.io#/a#*", "socket.io#/a#", "/a", sio_value_of_binary("A", 1));
    assert_string_equal(f.json, "[\"x\",{\"type\":\"Buffer\",\"data\":[65]}]");
    send_event(&f, "socket.io#/b#*", "socket.io#/b#", "/b", sio_value_of_int(1));
    assert_string_equal(f.json, "[\"x\",1]");
    assert_int_equal(f.delivered, 3);
    assert_int_equal(f.classic.stats.delivered, 3);
    sio_classic_free(&f.classic);
}

static void joins_and_leaves_do_not_change_where_it_goes(void **state)
{
    (void)state;
    fixture f;
    begin_with(&f, "", &(sio_redis_options){ .subscribe = SIO_SUBSCRIBE_ROOMS });
    const sio_str rooms[] = { SIO_STR("r1") };
    open_nsp(&f, "/a");
    assert_int_equal(broadcast(&f, "/a", rooms, 1), 0);
    assert_string_equal(f.channel, "socket.io#/a#r1#");
    for (int present = 1; present >= 0; present--) {
        sio_classic_room(&f.classic, SIO_STR("/a"), SIO_STR("r2"), present, 0);
        assert_int_equal(broadcast(&f, "/a", rooms, 1), 0);
        assert_string_equal(f.channel, "socket.io#/a#r1#");
        sio_classic_room(&f.classic, SIO_STR("/a"), SIO_STR("r2"), present, 0);
        assert_int_equal(broadcast(&f, "/a", rooms, 0), 0);
        assert_string_equal(f.channel, "socket.io#/a#");
    }
    sio_classic_free(&f.classic);
}

static void each_namespace_has_a_uid(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "");
    char uids[2][SIO_CLUSTER_UID_SIZE];
    for (int i = 0; i < 2; i++) {
        const char *nsp = i ? "/b" : "/a";
        open_nsp(&f, nsp);
        assert_int_equal(broadcast(&f, nsp, NULL, 0), 0);
        assert_memory_equal(f.payload, "\x93\xa6", 2);
        memcpy(uids[i], f.payload + 2, SIO_CLUSTER_UID_SIZE);
        for (int k = 0; k < SIO_CLUSTER_UID_SIZE; k++)
            assert_non_null(memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_",
                                   uids[i][k], 64));
    }
    assert_memory_not_equal(uids[0], uids[1], SIO_CLUSTER_UID_SIZE);
    sio_classic_free(&f.classic);
}

static void own_messages_are_not_delivered(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "");
    open_nsp(&f, "/");
    assert_int_equal(broadcast(&f, "/", NULL, 0), 0);
    receive(&f, "socket.io#/#*", f.channel, (sio_str){ f.payload, f.payload_len });
    assert_int_equal(f.delivered, 0);
    assert_int_equal(f.classic.stats.own, 1);
    sio_classic_close(&f.classic, SIO_STR("/"));
    open_nsp(&f, "/"); /* anew, with another uid */
    receive(&f, "socket.io#/#*", f.channel, (sio_str){ f.payload, f.payload_len });
    assert_int_equal(f.delivered, 1);
    assert_string_equal(f.json, "[\"x\"]");
    sio_classic_free(&f.classic);
}

static void only_what_somebody_here_wants_is_decoded(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "/:here");
    open_nsp(&f, "/");
    const sio_str here[] = { SIO_STR("gone"), SIO_STR("here") };
    const sio_str gone[] = { SIO_STR("gone"), SIO_STR("gone too") };
    /* the channel's room is asked for before anything is read */
    receive(&f, "socket.io#/#*", "socket.io#/#gone#", SIO_STR("\xc1"));
    assert_int_equal(f.classic.stats.elsewhere, 1);
    receive_from(&f, "socket.io#/#*", "socket.io#/#", "/", gone, 2);
    assert_int_equal(f.classic.stats.elsewhere, 2);
    receive_from(&f, "socket.io#/#*", "socket.io#/#here#", "/", here + 1, 1);
    receive_from(&f, "socket.io#/#*", "socket.io#/#", "/", here, 2);
    receive_from(&f, "socket.io#/#*", "socket.io#/#", "/", NULL, 0);
    assert_int_equal(f.delivered, 3);
    assert_int_equal(f.classic.stats.received, 5);
    assert_int_equal(f.classic.stats.delivered, 3);
    assert_int_equal(f.warned, 0);
    sio_classic_free(&f.classic);
}

static void names_that_contain_each_other(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "/a:b");
    open_nsp(&f, "/a");
    open_nsp(&f, "/a#b");
    static const char channel[] = "socket.io#/a#b#";
    /* Redis hands it to both patterns; the namespace it names takes it */
    receive_from(&f, "socket.io#/a#*", channel, "/a#b", NULL, 0);
    assert_int_equal(f.delivered, 0);
    receive_from(&f, "socket.io#/a#b#*", channel, "/a#b", NULL, 0);
    assert_int_equal(f.delivered, 1);
    assert_string_equal(f.nsp, "/a#b");
    const sio_str b = SIO_STR("b");
    receive_from(&f, "socket.io#/a#b#*", channel, "/a", &b, 1);
    assert_int_equal(f.delivered, 1);
    receive_from(&f, "socket.io#/a#*", channel, "/a", &b, 1);
    assert_int_equal(f.delivered, 2);
    assert_string_equal(f.nsp, "/a");
    assert_int_equal(f.classic.stats.elsewhere, 2);
    sio_classic_free(&f.classic);
}

static void malformed_ones_are_counted(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "");
    open_nsp(&f, "/");
    for (size_t i = 0; i < MALFORMED_COUNT; i++) {
        sio_str bytes = hex_bytes(malformed[i].hex);
        receive(&f, "socket.io#/#*", "socket.io#/#", bytes);
        hex_free(bytes);
    }
    receive_from(&f, "socket.io#/#*", "socket.io#/#no end", "/", NULL, 0);
    assert_int_equal(f.classic.stats.malformed, MALFORMED_COUNT + 1);
    assert_int_equal(f.delivered, 0);
    assert_int_equal(f.warned, 1);
    receive_from(&f, "socket.io#/#*", "socket.io#/#", "/", NULL, 0);
    assert_int_equal(f.delivered, 1);
    sio_classic_free(&f.classic);
}

static void warnings_come_once_a_minute(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "/:a\nb\x1b");
    open_nsp(&f, "/");
    for (uint64_t now = 0; now < 3 * MINUTE; now += 1000)
        sio_classic_receive(&f.classic, SIO_STR("socket.io#/#*"), SIO_STR("socket.io#/#a\nb\x1b#"),
                            SIO_STR("\xc1"), now);
    assert_int_equal(f.warned, 3);
    assert_non_null(strstr(f.warning, "socket.io#/#a?b?#"));
    sio_warn(&f.classic.warnings, SIO_WARNING_QUEUE, 3 * MINUTE - 1000, "%s", "of another kind");
    assert_string_equal(f.warning, "of another kind");
    assert_int_equal(f.warned, 4);
    sio_classic_free(&f.classic);
}

static void namespaces_open_and_close(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "");
    open_nsp(&f, "/a");
    assert_int_equal(sio_classic_open(&f.classic, SIO_STR("/a")), SIO_EEXISTS);
    assert_int_equal(f.subscribed, 4); /* requests, responses twice, the pattern */
    sio_classic_close(&f.classic, SIO_STR("/a"));
    sio_classic_close(&f.classic, SIO_STR("/a"));
    assert_int_equal(f.unsubscribed, 4);
    receive_from(&f, "socket.io#/a#*", "socket.io#/a#", "/a", NULL, 0);
    assert_int_equal(f.classic.stats.received, 0);
    sio_classic_free(&f.classic);
}

static void what_is_too_long_is_not_published(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "");
    open_nsp(&f, "/");
    char *text = malloc(SIO_LIMIT_PUBLISH);
    memset(text, 'x', SIO_LIMIT_PUBLISH);
    const sio_value event = sio_value_of_string((sio_str){ text, SIO_LIMIT_PUBLISH });
    const sio_cluster_message message = { .nsp = SIO_STR("/"),
                                          .data = sio_value_of_array(&event, 1) };
    assert_int_equal(sio_classic_broadcast(&f.classic, &message), SIO_ELIMIT);
    assert_int_equal(f.published, 0);
    assert_int_equal(f.classic.stats.published_lost, 1);
    assert_int_equal(f.classic.payload.cap, 0);
    free(text);
    sio_classic_free(&f.classic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_room_has_a_channel),
        cmocka_unit_test(who_takes_json_gets_it),
        cmocka_unit_test(joins_and_leaves_do_not_change_where_it_goes),
        cmocka_unit_test(each_namespace_has_a_uid),
        cmocka_unit_test(own_messages_are_not_delivered),
        cmocka_unit_test(only_what_somebody_here_wants_is_decoded),
        cmocka_unit_test(names_that_contain_each_other),
        cmocka_unit_test(malformed_ones_are_counted),
        cmocka_unit_test(warnings_come_once_a_minute),
        cmocka_unit_test(namespaces_open_and_close),
        cmocka_unit_test(what_is_too_long_is_not_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
