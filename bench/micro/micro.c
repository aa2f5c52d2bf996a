/*
 * What the hot paths cost in instructions: bench/micro/ceilings runs each case under callgrind,
 * which counts what happens within bench_micro_measured.
 *   sio-bench-micro            names the cases, each with how often it does its work
 *   sio-bench-micro CASE       does it
 *   sio-bench-micro --compiler
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sio/sys/cluster.h>
#include <sio/sys/rooms.h>
#include <sio/sys/ws.h>

#include "micro/cluster.h"

#define CLIENTS 1000
#define TIMES   100

typedef struct bench_case {
    const char *name;
    unsigned count; /* the work is divided by that */
    void (*prepare)(void);
    void (*work)(void);
} bench_case;

static bench_stage stage;
static char frames[TIMES][128];
static size_t frame_len;
static sio_rooms *rooms;
static sio_member members[CLIENTS];
static char names[10][16];

static void fail(const char *what)
{
    (void)fprintf(stderr, "sio-bench-micro: %s\n", what);
    exit(1);
}

/* ---- the core ---- */

static void fill_stage(void)
{
    bench_stage_open(&stage, CLIENTS + 1);
    while (stage.count < CLIENTS)
        bench_stage_join(&stage);
}

static void emit(const char *room)
{
    const char *const to[] = { room, NULL };

    if (sio_namespace_emit(stage.root, &(sio_target){ .rooms = room ? to : NULL }, "news", "{s:s}",
                           "text", "0123456789012345678901234567890123456789012345678901234567"))
        fail("no broadcast");
}

/* 1 in flight: each turn takes one message to each. */
static void broadcast(void)
{
    for (unsigned i = 0; i < TIMES / 10; i++) {
        emit(NULL);
        bench_stage_turn(&stage);
    }
}

/* Many in flight: a turn takes 10 to each. */
static void broadcast_batch(void)
{
    for (unsigned i = 0; i < TIMES / 10; i++)
        emit(NULL);
    bench_stage_turn(&stage);
}

static void hear_events(void)
{
    for (unsigned i = 0; i < TIMES; i++)
        bench_stage_say(&stage, i, "42[\"chat\",{\"room\":\"lobby\",\"text\":\"hello there\"}]");
    if (stage.heard != TIMES)
        fail("no events");
}

static void open_stage(void)
{
    bench_stage_open(&stage, TIMES + 1);
    bench_stage_join(&stage);
}

static void shake_hands(void)
{
    for (unsigned i = 0; i < TIMES; i++)
        bench_stage_join(&stage);
}

static void part(void)
{
    for (unsigned i = 0; i < TIMES; i++)
        bench_stage_part(&stage);
}

static void fill_to_part(void)
{
    open_stage();
    shake_hands();
}

/* ---- codecs ---- */

static void publish(const char *room)
{
    const sio_value entries[] = {
        sio_value_of_string(SIO_STR("user")), sio_value_of_string(SIO_STR("Zo\xc3\xab")),
        sio_value_of_string(SIO_STR("text")), sio_value_of_string(SIO_STR("a \"quoted\" line")),
        sio_value_of_string(SIO_STR("at")),   sio_value_of_double(1764194400000.0)
    };
    const sio_value items[] = { sio_value_of_string(SIO_STR("news")),
                                sio_value_of_map(entries, 3) };
    const sio_value data = sio_value_of_array(items, 2);

    bench_cluster_publish(room, &data);
}

static void publish_here(void)
{
    fill_stage();
    bench_cluster_open(&stage, 10);
    publish("here");
}

static void publish_elsewhere(void)
{
    fill_stage();
    bench_cluster_open(&stage, 10);
    publish("elsewhere 01");
}

static void hear_cluster(void)
{
    bench_cluster_hear(&stage);
}

static void write_frames(void)
{
    static const char text[] = "42[\"chat\",{\"room\":\"lobby\",\"text\":\"hello there\"}]";
    static const uint8_t mask[4] = { 1, 2, 3, 4 };

    for (unsigned i = 0; i < TIMES; i++) {
        uint8_t *at = (uint8_t *)frames[i];
        const size_t header = sio_ws_header_write(at, SIO_WS_TEXT, sizeof text - 1, mask);

        memcpy(frames[i] + header, text, sizeof text - 1);
        sio_ws_mask(frames[i] + header, sizeof text - 1, mask, 0);
        frame_len = header + sizeof text - 1;
    }
}

static void read_frames(void)
{
    const sio_ws_rules rules = { .max_payload = 1000000, .from_client = true };
    sio_ws_reader reader = { 0 };

    for (unsigned i = 0; i < TIMES; i++) {
        char *data = frames[i];
        size_t len = frame_len;
        sio_ws_message message;
        int code;

        if (sio_ws_reader_next(&reader, &data, &len, &rules, &message, &code) != 1)
            fail("no message");
        if (sio_ws_reader_next(&reader, &data, &len, &rules, &message, &code) != 0)
            fail("two messages");
    }
}

/* ---- rooms ---- */

static void add_members(void)
{
    static const uint64_t seed[2] = { 1, 2 };

    if (sio_rooms_new(&rooms, seed))
        fail("no rooms");
    for (unsigned i = 0; i < CLIENTS; i++) {
        (void)snprintf(members[i].id, sizeof members[i].id, "member %013u", i);
        if (sio_rooms_add(rooms, &members[i]))
            fail("no member");
    }
    for (unsigned i = 0; i < 10; i++)
        (void)snprintf(names[i], sizeof names[i], "room %07u", i);
}

static void join_and_leave(void)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        if (sio_rooms_join(rooms, &members[i], sio_str_from(names[i % 10])))
            fail("no room");
    for (unsigned i = 0; i < CLIENTS; i++)
        sio_rooms_leave(rooms, &members[i], sio_str_from(names[i % 10]));
}

/* ---- all ---- */

static const bench_case cases[] = {
    { "broadcast, one a turn: a delivery", CLIENTS *TIMES / 10, fill_stage, broadcast },
    { "broadcast, ten a turn: a delivery", CLIENTS *TIMES / 10, fill_stage, broadcast_batch },
    { "event from a client: decoded and handled", TIMES, fill_stage, hear_events },
    { "frame from a client: unmasked and checked", TIMES, write_frames, read_frames },
    { "message from Redis for a room elsewhere: dropped", BENCH_CLUSTER_MESSAGES, publish_elsewhere,
      hear_cluster },
    { "message from Redis for a room of 10: queued", BENCH_CLUSTER_MESSAGES, publish_here,
      hear_cluster },
    { "room: joined and left", CLIENTS, add_members, join_and_leave },
    { "handshake: session and namespace", TIMES, open_stage, shake_hands },
    { "farewell: session and namespace", TIMES, fill_to_part, part },
};

/* Callgrind knows it by its name. */
__attribute__((noinline)) void bench_micro_measured(void (*work)(void));
void bench_micro_measured(void (*work)(void))
{
    work();
    __asm__ volatile("" ::: "memory"); /* no tail call */
}

static int run(const char *name)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, name) != 0)
            continue;
        cases[i].prepare();
        bench_micro_measured(cases[i].work);
        return 0;
    }
    (void)fprintf(stderr, "sio-bench-micro: there is no case \"%s\"\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return 2;
    if (argc == 2 && strcmp(argv[1], "--compiler") == 0) {
#ifdef __clang__
        (void)printf("clang-%d\n", __clang_major__);
#else
        (void)printf("gcc-%d\n", __GNUC__);
#endif
        return 0;
    }
    if (argc == 2)
        return run(argv[1]);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        (void)printf("%u %s\n", cases[i].count, cases[i].name);
    return 0;
}
