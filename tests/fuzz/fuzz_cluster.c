/* Messages of the cluster: what was read is written, by both authors, as what reads the same; and
 * the classic adapter gets them, requests and answers on channels of any name. Input: which pattern
 * matched, if any, the channel, a line feed, the message. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

#include "idle_link.h"

static bool same_names(const sio_str *a, size_t a_count, const sio_str *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!sio_str_equal(a[i], b[i]))
            return false;
    return true;
}

static void check_same(const sio_cluster_message *a, const sio_cluster_message *b)
{
    FUZZ_CHECK(sio_str_equal(a->uid, b->uid) && sio_str_equal(a->nsp, b->nsp));
    FUZZ_CHECK(same_names(a->rooms, a->rooms_count, b->rooms, b->rooms_count));
    FUZZ_CHECK(same_names(a->except, a->except_count, b->except, b->except_count));
    FUZZ_CHECK(a->flags.is_volatile == b->flags.is_volatile);
    FUZZ_CHECK(a->flags.is_broadcast == b->flags.is_broadcast);
    FUZZ_CHECK(a->flags.no_compress == b->flags.no_compress);
    FUZZ_CHECK(a->flags.has_timeout == b->flags.has_timeout);
    FUZZ_CHECK(a->flags.timeout_ms == b->flags.timeout_ms);
    if (fuzz_json_is_exact(&a->data))
        FUZZ_CHECK(sio_value_equal(&a->data, &b->data));
}

static void check_written(sio_arena *arena, const sio_cluster_message *message,
                          sio_cluster_author author)
{
    sio_buf out = { 0 };
    sio_cluster_message again;
    sio_cluster_message_write(&out, message, author);
    FUZZ_CHECK(out.err == 0);
    char *copy = fuzz_copy((sio_str){ out.data, out.len });
    FUZZ_CHECK(sio_cluster_message_read(&again, arena, copy, out.len) == 0);
    FUZZ_CHECK(sio_cluster_message_data(&again, arena) == 0);
    check_same(message, &again);
    free(copy);
    sio_buf_free(&out);
}

/* Those of the tree that are texts; the others become what JavaScript makes of them. */
static void check_names(const sio_str *names, size_t count, const sio_value *array)
{
    FUZZ_CHECK(count == (sio_value_type(array) == SIO_TYPE_ARRAY ? sio_value_count(array) : 0));
    for (size_t i = 0; i < count; i++) {
        const sio_value *item = sio_value_at(array, i);
        if (sio_value_type(item) == SIO_TYPE_STRING)
            FUZZ_CHECK(sio_str_equal(names[i], (sio_str){ item->as.text, item->count }));
    }
}

static bool is_ascii(sio_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.data[i] >= 0x80)
            return false;
    return true;
}

/* What is read in place, and what is known by the first bytes alone, is what a tree of the whole
 * message has. */
static void check_tree(sio_str payload)
{
    sio_arena arena = { 0 };
    sio_cluster_message message;
    sio_value tree;
    const sio_str odd = SIO_STR("nobody");
    if (sio_msgpack_read(&arena, &tree, payload.data, payload.len, NULL) == 0 &&
        sio_cluster_message_read(&message, &arena, payload.data, payload.len) == 0) {
        const sio_value *uid = sio_value_at(&tree, 0), *options = sio_value_at(&tree, 2);
        const sio_value *flags = sio_value_get(options, "flags");
        const bool named = sio_value_type(uid) == SIO_TYPE_STRING;
        FUZZ_CHECK(sio_str_equal(message.uid,
                                 named ? (sio_str){ uid->as.text, uid->count } : SIO_STR("")));
        FUZZ_CHECK(!sio_cluster_message_is_of(odd, payload.data, payload.len) ||
                   sio_str_equal(message.uid, odd));
        if (named && is_ascii(message.uid)) /* or else it may have been repaired */
            FUZZ_CHECK(sio_cluster_message_is_of(message.uid, payload.data, payload.len));
        check_names(message.rooms, message.rooms_count, sio_value_get(options, "rooms"));
        check_names(message.except, message.except_count, sio_value_get(options, "except"));
        FUZZ_CHECK(message.flags.present == (sio_value_type(flags) == SIO_TYPE_MAP));
        FUZZ_CHECK(message.flags.is_volatile == sio_value_bool(sio_value_get(flags, "volatile")));
    }
    sio_arena_free(&arena);
}

/* JSON that is made without a tree is what the tree is written as. */
static void check_json(sio_str payload)
{
    sio_arena arena = { 0 };
    sio_cluster_message message;
    sio_buf direct = { 0 }, written = { 0 };
    if (sio_cluster_message_read(&message, &arena, payload.data, payload.len) == 0 &&
        sio_cluster_message_json(&message, &direct)) {
        FUZZ_CHECK(sio_cluster_message_data(&message, &arena) == 0);
        FUZZ_CHECK(!message.data.binary && sio_json_write(&written, &message.data, NULL) == 0);
        FUZZ_CHECK(direct.len == written.len);
        FUZZ_CHECK(memcmp(direct.data, written.data, direct.len) == 0);
    }
    sio_buf_free(&direct);
    sio_buf_free(&written);
    sio_arena_free(&arena);
}

static void check_message(sio_str payload)
{
    sio_arena arena = { 0 };
    sio_cluster_message message;
    check_tree(payload);
    check_json(payload);
    if (sio_cluster_message_read(&message, &arena, payload.data, payload.len) == 0 &&
        sio_cluster_message_data(&message, &arena) == 0) {
        FUZZ_CHECK(sio_value_type(sio_value_at(&message.data, 0)) == SIO_TYPE_STRING);
        check_written(&arena, &message, SIO_CLUSTER_ADAPTER);
        check_written(&arena, &message, SIO_CLUSTER_EMITTER);
    }
    sio_arena_free(&arena);
}

/* ---- a host that has rooms with an even number of characters ---- */

static bool has_room(void *data, sio_str nsp, sio_str room)
{
    (void)data, (void)nsp;
    return room.len % 2 == 0;
}

static void deliver(void *data, const sio_cluster_message *message)
{
    FUZZ_CHECK(message->json.data ? message->json.data[0] == '['
                                  : message->data.type == SIO_TYPE_ARRAY);
    ++*(uint64_t *)data;
}

static bool takes_json(void *data, sio_str nsp)
{
    (void)data;
    return nsp.len % 2 == 0;
}

static void serve(void *data, const sio_cluster_request *request, sio_answerer *answerer)
{
    (void)data;
    FUZZ_CHECK(request->nsp.len > 0 && (!answerer || request->timeout_ms > 0));
    if (!answerer)
        return;
    answerer->clients(answerer, 1);
    answerer->answer(answerer, &request->data);
    answerer->end(answerer);
}

static void rooms(void *data, sio_str nsp, void (*each)(void *each_data, sio_str room),
                  void *each_data)
{
    (void)data, (void)nsp;
    each(each_data, SIO_STR("r0"));
}

static void warn(void *data, const char *text)
{
    (void)data;
    FUZZ_CHECK(sio_utf8_valid(text, strlen(text)) && !strchr(text, '\n'));
}

static uint8_t last_random; /* begins anew with each input, so that ids can be guessed */

static void random_bytes(void *data, void *out, size_t len)
{
    (void)data;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = last_random++;
}

/* ---- a link that goes nowhere ---- */

static int publish(void *data, sio_str channel, sio_str payload)
{
    (void)data;
    FUZZ_CHECK(channel.len > 0 && payload.len > 0);
    return 0;
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    (void)channel;
    *(sio_inquiry **)data = inquiry;
    return 0;
}

/* ---- one who asks ---- */

static void expect(sio_asker *asker, unsigned nodes)
{
    (void)asker, (void)nodes;
}

static void clients(sio_asker *asker, uint32_t number)
{
    (void)asker, (void)number;
}

static void answer(sio_asker *asker, const sio_value *value)
{
    (void)asker;
    FUZZ_CHECK(value);
}

static void fail(sio_asker *asker, int err)
{
    (void)asker, (void)err;
}

static void check_counters(const sio_cluster_stats *stats, uint64_t delivered)
{
    FUZZ_CHECK(stats->received <= 1 && stats->delivered == delivered);
    FUZZ_CHECK(stats->delivered + stats->malformed + stats->own + stats->elsewhere +
                   stats->requests + stats->answers >=
               stats->received);
}

/* `choice`: the namespace whose pattern has matched; with its third bit, a channel of its own. */
static void receive(uint8_t choice, sio_str channel, sio_str payload)
{
    uint64_t delivered = 0;
    sio_inquiry *inquiry = NULL;
    sio_asker asker = { expect, clients, answer, fail };
    const sio_adapter_host host = { .data = &delivered,
                                    .has_room = has_room,
                                    .takes_json = takes_json,
                                    .deliver = deliver,
                                    .serve = serve,
                                    .rooms = rooms,
                                    .warn = warn,
                                    .random = random_bytes };
    const sio_classic_link link = { &inquiry,       publish,          count,
                                    idle_subscribe, idle_unsubscribe, idle_is_subscribed };
    static const char *const names[] = { "/", "/a", "/a#b", "/*?" };
    static const char *const patterns[] = { "socket.io#/#*", "socket.io#/a#*", "socket.io#/a#b#*",
                                            "socket.io#/\\*\\?#*" };
    const sio_redis_options options = { .subscribe =
                                            choice & 8 ? SIO_SUBSCRIBE_ROOMS : SIO_SUBSCRIBE_AUTO };
    sio_classic classic;
    last_random = 0;
    FUZZ_CHECK(sio_classic_init(&classic, &host, &link, &options) == 0);
    for (size_t i = 0; i < 4; i++)
        FUZZ_CHECK(sio_classic_open(&classic, sio_str_from(names[i])) == 0);
    sio_classic_ready(&classic, true, 1000);
    const sio_cluster_request asked = { .op = choice & 16 ? SIO_CLUSTER_BROADCAST_ACK
                                                          : SIO_CLUSTER_FETCH_SOCKETS,
                                        .nsp = SIO_STR("/") };
    FUZZ_CHECK(sio_classic_ask(&classic, &asked, &asker) == 0);
    if (choice & 4)
        sio_classic_receive_channel(&classic, channel, payload, 1000);
    else
        sio_classic_receive(&classic, sio_str_from(patterns[choice % 4]), channel, payload, 1000);
    check_counters(&classic.stats, delivered);
    sio_classic_forget(&classic, &asker);
    sio_classic_counted(&classic, inquiry, 0, 3);
    sio_classic_free(&classic);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const uint8_t choice = fuzz_byte(&input);
    const sio_str channel = fuzz_take_until(&input, '\n');
    const sio_str payload = fuzz_take(&input, input.left);
    char *channel_copy = fuzz_copy(channel), *payload_copy = fuzz_copy(payload);
    check_message((sio_str){ payload_copy, payload.len });
    receive(choice, (sio_str){ channel_copy, channel.len }, (sio_str){ payload_copy, payload.len });
    free(channel_copy);
    free(payload_copy);
    return 0;
}
