/* What other threads may do with a server: scripts/test runs this under ThreadSanitizer too. */
#include "live.h"

#include <sio/post.h>

#define THREADS 4
#define POSTS   500

/* ---- threads that post, while the test turns the loop ---- */

static uv_thread_t loop_thread;

struct poster {
    uv_thread_t thread;
    int taken;      /* posts that were taken: read once the thread has ended */
    int refused;    /* what the one that was not taken said */
    int run;        /* on the loop's thread: how many ran */
    int last;       /* and the number of the last */
    uv_sem_t ended; /* it does nothing any more */
};

struct numbered {
    struct poster *poster;
    int number;
};

static void note_run(sio_server *which, void *data)
{
    struct numbered *post = data;
    const uv_thread_t here = uv_thread_self();
    assert_ptr_equal(which, server);
    assert_true(uv_thread_equal(&here, &loop_thread));
    assert_int_equal(post->number, post->poster->last + 1);
    post->poster->last = post->number;
    post->poster->run++;
    free(post);
}

static int post_one(struct poster *poster)
{
    struct numbered *post = malloc(sizeof(*post));
    *post = (struct numbered){ poster, poster->taken + 1 };
    const int err = sio_server_post(server, note_run, post);
    if (err)
        free(post);
    return err;
}

/* The strings are gone when it has returned. */
static int emit_one(int number)
{
    char *text = strdup("a text that is not kept"), *room = strdup("room");
    const int err = sio_server_post_emit(server, NULL, &(sio_target){ .rooms = SIO_ROOMS(room) },
                                         "said", "{s:s,s:i}", "text", text, "n", number);
    memset(text, '?', strlen(text));
    memset(room, '?', strlen(room));
    free(text);
    free(room);
    return err;
}

static bool is_ended(struct poster *poster)
{
    return uv_sem_trywait(&poster->ended) == 0;
}

static void start_posters(struct poster posters[THREADS], uv_thread_cb body)
{
    loop_thread = uv_thread_self();
    for (int i = 0; i < THREADS; i++) {
        posters[i] = (struct poster){ .taken = 0 };
        assert_int_equal(uv_sem_init(&posters[i].ended, 0), 0);
        assert_int_equal(uv_thread_create(&posters[i].thread, body, &posters[i]), 0);
    }
}

/* Turns the loop until all have ended. */
static void join_posters(struct poster posters[THREADS])
{
    const uint64_t end = now_ms() + GUARD_MS;
    for (int i = 0; i < THREADS; i++) {
        while (!is_ended(&posters[i])) {
            assert_true(now_ms() < end);
            turn(NULL);
        }
        uv_thread_join(&posters[i].thread);
        uv_sem_destroy(&posters[i].ended);
    }
}

static void on_enter(sio_socket *socket, void *data)
{
    (void)data;
    assert_int_equal(sio_socket_join(socket, "room"), 0);
}

static void wait_for(const bool *done)
{
    const uint64_t end = now_ms() + GUARD_MS;
    while (!*done) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

static void set(sio_server *which, void *data)
{
    (void)which;
    *(bool *)data = true;
}

/* ---- posts ---- */

static void post_some(void *data)
{
    struct poster *poster = data;
    while (poster->taken < POSTS && !(poster->refused = post_one(poster)))
        poster->taken++;
    uv_sem_post(&poster->ended);
}

static void posts_run_in_order_on_the_loop(void **state)
{
    struct poster posters[THREADS];
    bool done = false;
    (void)state;
    start_posters(posters, post_some);
    join_posters(posters);
    assert_int_equal(sio_server_post(server, set, &done), 0);
    wait_for(&done);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(posters[i].refused, 0);
        assert_int_equal(posters[i].run, POSTS);
    }
}

static void a_post_wakes_the_loop(void **state)
{
    bool done = false;
    (void)state;
    while (uv_backend_timeout(&loop) == 0)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(sio_server_post(server, set, &done), 0);
    struct pollfd fd = { .fd = uv_backend_fd(&loop), .events = POLLIN };
    assert_int_equal(poll(&fd, 1, GUARD_MS), 1);
    assert_int_equal(sio_server_post(server, NULL, NULL), SIO_EINVAL);
    wait_for(&done);
}

static void post_again(sio_server *which, void *data)
{
    int *left = data;
    if (--*left > 0)
        assert_int_equal(sio_server_post(which, post_again, data), 0);
}

static void callbacks_may_post(void **state)
{
    int left = 3;
    (void)state;
    assert_int_equal(sio_server_post(server, post_again, &left), 0);
    for (int i = 0; i < 3 && left == 3; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(left, 2); /* once a turn */
    const uint64_t end = now_ms() + GUARD_MS;
    while (left > 0) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

/* ---- emits ---- */

static void emits_are_copied(void **state)
{
    static const char bytes[] = { 1, 2, 3 };
    sio_value *value;
    (void)state;
    sio_namespace_on_connection(sio_server_of(server, "/"), on_enter, NULL);
    struct peer *peer = connect_websocket(0);
    assert_int_equal(emit_one(1), 0);
    expect(peer, "42[\"said\",{\"text\":\"a text that is not kept\",\"n\":1}]");
    assert_int_equal(
        sio_value_new(&value, "[s[iI]B]", "x", 1, (int64_t)1 << 60, bytes, sizeof(bytes)), 0);
    assert_int_equal(sio_server_post_emit(server, "/", NULL, "kinds", "Vnbf", value, true, 0.5), 0);
    sio_value_free(value);
    expect(peer, "451-[\"kinds\",\"x\",[1,1152921504606847000],{\"_placeholder\":true,\"num\":0},"
                 "null,true,0.5]");
    assert_int_equal(sio_server_post_emit(server, "", &(sio_target){ .except = SIO_ROOMS("room") },
                                          "not for it", NULL),
                     0);
    assert_int_equal(sio_server_post_emit(server, NULL, NULL, "last", NULL), 0);
    static const char both[] = "\1\2\3\x81\x0a"
                               "42[\"last\"]"; /* and nothing in between */
    expect_bytes(peer, both, sizeof(both) - 1);
    peer_free(peer);
}

static void wrong_emits_are_refused(void **state)
{
    static char name[SIO_LIMIT_NAME + 2];
    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    assert_int_equal(sio_server_post_emit(server, NULL, NULL, NULL, NULL), SIO_EINVAL);
    const sio_target with_socket = { .from = (const sio_socket *)name };
    assert_int_equal(sio_server_post_emit(server, NULL, &with_socket, "e", NULL), SIO_EINVAL);
    assert_int_equal(sio_server_post_emit(server, NULL, NULL, "connect", NULL), SIO_ERESERVED);
    assert_int_equal(sio_server_post_emit(server, NULL, NULL, "e", "%"), SIO_EFORMAT);
    assert_int_equal(sio_server_post_emit(server, NULL, NULL, "e", "s", "\xff"), SIO_EUTF8);
    assert_int_equal(sio_server_post_emit(server, name, NULL, "e", NULL), SIO_ELIMIT);
    assert_int_equal(
        sio_server_post_emit(server, NULL, &(sio_target){ .rooms = SIO_ROOMS("\xff") }, "e", NULL),
        SIO_EUTF8);
}

static void note_log(sio_server *which, sio_log_level level, sio_log_category category,
                     const char *text, void *data)
{
    (void)which;
    if (level == SIO_LOG_WARN && category == SIO_LOG_SOCKET)
        snprintf(data, 100, "%s", text);
}

static void what_fails_later_is_logged(void **state)
{
    char said[100] = "";
    bool done = false;
    (void)state;
    assert_int_equal(start_with(&(sio_server_options){ .on_log = note_log, .data = said }), 0);
    assert_int_equal(sio_server_post_emit(server, "nowhere", NULL, "e", NULL), 0);
    assert_int_equal(sio_server_post(server, set, &done), 0);
    wait_for(&done);
    assert_string_equal(said, "posted event \"e\" for /nowhere: not found");
}

/* ---- the limit ---- */

static void what_waits_is_bounded(void **state)
{
    static char megabyte[1 << 20];
    bool done = false;
    int count = 0, err;
    (void)state;
    memset(megabyte, 'x', sizeof(megabyte) - 1);
    while (!(err = sio_server_post_emit(server, NULL, NULL, "e", "s", megabyte)))
        count++;
    assert_int_equal(err, SIO_ELIMIT);
    assert_int_equal(count, SIO_LIMIT_POSTED / sizeof(megabyte) - 1);
    assert_int_equal(sio_server_post(server, set, &done), 0);
    wait_for(&done);
    assert_int_equal(sio_server_post_emit(server, NULL, NULL, "e", "s", megabyte), 0);
}

/* ---- the end ---- */

static void post_until_closed(void *data)
{
    struct poster *poster = data;
    for (int err = 0; err == 0 || err == SIO_ELIMIT; poster->refused = err) {
        err = post_one(poster);
        if (err)
            continue;
        poster->taken++;
        if (poster->taken % 3 == 0)
            err = emit_one(poster->taken);
    }
    uv_sem_post(&poster->ended);
}

static void close_it(sio_server *which, void *data)
{
    (void)data;
    sio_server_close(which);
}

/* In all their number while it closes: what was taken has run, before on_closed. */
static void threads_post_while_the_server_closes(void **state)
{
    struct poster posters[THREADS];
    (void)state;
    sio_namespace_on_connection(sio_server_of(server, "/"), on_enter, NULL);
    struct peer *peer = connect_websocket(0);
    start_posters(posters, post_until_closed);
    expect(peer, "\"n\":3}]");
    int err;
    while ((err = sio_server_post(server, close_it, NULL)) == SIO_ELIMIT)
        turn(NULL); /* they may fill it */
    assert_int_equal(err, 0);
    join_posters(posters);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(posters[i].refused, SIO_ECLOSED);
        assert_int_equal(posters[i].run, posters[i].taken);
    }
    const uint64_t end = now_ms() + GUARD_MS;
    while (!closed) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    assert_int_equal(sio_server_post(server, set, NULL), SIO_ECLOSED);
    assert_int_equal(sio_server_post_emit(server, NULL, NULL, "e", NULL), SIO_ECLOSED);
    peer_free(peer);
}

/* Nobody turns the loop for it any more. */
static void what_waits_runs_before_the_server_is_freed(void **state)
{
    bool done = false;
    sio_server *alone;
    (void)state;
    assert_int_equal(sio_server_new(&alone, NULL), 0);
    assert_int_equal(sio_server_post_emit(alone, NULL, NULL, "e", NULL), 0);
    assert_int_equal(sio_server_post(alone, set, &done), 0);
    sio_server_free(alone);
    assert_true(done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(posts_run_in_order_on_the_loop),
        SERVED(a_post_wakes_the_loop),
        SERVED(callbacks_may_post),
        SERVED(emits_are_copied),
        SERVED(wrong_emits_are_refused),
        cmocka_unit_test_teardown(what_fails_later_is_logged, stop),
        SERVED(what_waits_is_bounded),
        SERVED(threads_post_while_the_server_closes),
        cmocka_unit_test(what_waits_runs_before_the_server_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
