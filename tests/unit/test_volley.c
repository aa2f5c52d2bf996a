/* What a turn emits to many WebSockets arrives as if each had been written to alone: by io_uring
 * and without it. */
#include "net/loop.h"

#define PEERS 8u

#include "ways.h"

static sio_namespace *nsp;

static int begin_with(bool no_io_uring, size_t max_buffered)
{
    const int err = start_with(
        &(sio_server_options){ .no_io_uring = no_io_uring, .max_buffered = max_buffered });
    nsp = err ? NULL : sio_server_of(server, "/");
    return err;
}

static int begin(bool no_io_uring)
{
    return begin_with(no_io_uring, 0);
}

static int begin_small(void **state)
{
    (void)state;
    return begin_with(false, 100000);
}

static sio_ring *ring(void)
{
    return &((sio_net *)server->net)->ring;
}

static void on_name(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    assert_int_equal(sio_socket_join(socket, sio_args_string(args, 0)), 0);
}

/* Each is in a room of its number, "0" to "7". */
static void connect_all(int receive_buffer)
{
    char text[64];
    assert_int_equal(sio_namespace_on(nsp, "name", on_name, NULL), 0);
    for (unsigned i = 0; i < PEERS; i++) {
        peers[i] = connect_websocket(i == 0 ? receive_buffer : 0);
        snprintf(text, sizeof(text), "42[\"name\",\"%u\"]", i);
        send_frame(peers[i], SIO_WS_TEXT, text);
        send_frame(peers[i], SIO_WS_PING, "");
        expect_bytes(peers[i], "\x8a\0", 2);
    }
}

static const char *room_of(unsigned number)
{
    static char room[12];
    snprintf(room, sizeof(room), "%u", number);
    return room;
}

static void emit_to(unsigned number, const char *event, unsigned argument)
{
    const sio_target target = { .rooms = SIO_ROOMS(room_of(number)) };
    assert_int_equal(sio_namespace_emit(nsp, &target, event, "i", (int)argument), 0);
}

static void expect_frame(struct peer *peer, const char *text)
{
    char frame[128];
    frame[0] = (char)0x81;
    frame[1] = (char)strlen(text);
    memcpy(frame + 2, text, strlen(text));
    const uint64_t end = now_ms() + GUARD_MS;
    while (receive(peer), peer->len < strlen(text) + 2) {
        assert_true(!peer->ended && now_ms() < end);
        turn(peer);
    }
    assert_memory_equal(peer->in, frame, strlen(text) + 2);
    peer->len -= strlen(text) + 2;
    memmove(peer->in, peer->in + strlen(text) + 2, peer->len + 1);
}

/* One for all, several for all, and several that differ, of which each client's are copied together
 * beside those of the others. */
static void each_gets_its_own_in_order(void **state)
{
    (void)state;
    char text[64];
    connect_all(0);
    for (unsigned round = 0; round < 200; round++) {
        const unsigned common = round % 3;
        for (unsigned i = 0; i < common; i++)
            assert_int_equal(sio_namespace_emit(nsp, NULL, "all", "i", (int)i), 0);
        for (unsigned i = 0; i < PEERS; i++)
            for (unsigned j = 0; j < (i + round) % 4; j++)
                emit_to(i, "one", i * 10 + j);
        for (unsigned i = 0; i < PEERS; i++) {
            for (unsigned j = 0; j < common; j++) {
                snprintf(text, sizeof(text), "42[\"all\",%u]", j);
                expect_frame(peers[i], text);
            }
            for (unsigned j = 0; j < (i + round) % 4; j++) {
                snprintf(text, sizeof(text), "42[\"one\",%u]", i * 10 + j);
                expect_frame(peers[i], text);
            }
            assert_int_equal(peers[i]->len, 0);
        }
    }
    free_all();
}

/* So much for each that what is copied together fills its buffer several times in a turn. */
static void more_than_the_buffer_for_copies(void **state)
{
    (void)state;
    char text[1001];
    connect_all(0);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < PEERS; i++) {
            const sio_target target = { .rooms = SIO_ROOMS(room_of(i)) };
            for (unsigned j = 0; j < 20; j++)
                assert_int_equal(sio_namespace_emit(nsp, &target, "much", "s", text), 0);
            emit_to(i, "last", i);
        }
        for (unsigned i = 0; i < PEERS; i++) {
            for (unsigned j = 0; j < 20; j++) {
                expect(peers[i], "42[\"much\",\"x");
                expect(peers[i], "x\"]");
            }
            snprintf(text, sizeof(text), "42[\"last\",%u]", i);
            expect(peers[i], text);
            assert_int_equal(peers[i]->len, 0);
            memset(text, 'x', sizeof(text) - 1);
        }
    }
    free_all();
}

/* One does not read: what it has not taken is kept for it, and it is closed beyond max_buffered;
 * the others do not notice. */
static void one_that_is_stuck_holds_up_nobody(void **state)
{
    (void)state;
    static char text[20001];
    unsigned rounds = 0;
    connect_all(4096);
    memset(text, 'y', sizeof(text) - 1);
    while (!disconnected[0]) {
        assert_true(rounds++ < 10000);
        assert_int_equal(sio_namespace_emit(nsp, NULL, "much", "s", text), 0);
        for (unsigned i = 1; i < PEERS; i++) {
            expect(peers[i], "42[\"much\",\"");
            expect(peers[i], "y\"]");
        }
        assert_true(stats_now().buffered_bytes <= 100000 + sizeof(text) + 1000);
    }
    assert_string_equal(disconnected, "buffer overflow");
    assert_int_equal(stats_now().buffered_bytes, 0);
    free_all();
}

/* The same, but it reads in the end: nothing is lost or doubled. */
static void one_that_was_stuck_gets_all(void **state)
{
    (void)state;
    static char text[20001];
    char number[32];
    connect_all(4096);
    memset(text, 'z', sizeof(text) - 1);
    for (unsigned round = 0; round < 300; round++) {
        assert_int_equal(sio_namespace_emit(nsp, NULL, "much", "is", (int)round, text), 0);
        for (unsigned i = 1; i < PEERS; i++)
            expect(peers[i], "z\"]");
    }
    assert_true(stats_now().buffered_bytes > 0);
    for (unsigned round = 0; round < 300; round++) {
        snprintf(number, sizeof(number), "42[\"much\",%u,\"z", round);
        expect(peers[0], number);
        expect(peers[0], "z\"]");
    }
    assert_int_equal(peers[0]->len, 0);
    assert_string_equal(disconnected, "");
    free_all();
}

static void those_that_went_away_are_found(void **state)
{
    (void)state;
    connect_all(0);
    for (unsigned i = 0; i < PEERS; i += 2)
        assert_int_equal(setsockopt(peers[i]->fd, SOL_SOCKET, SO_LINGER,
                                    &(struct linger){ .l_onoff = 1 }, sizeof(struct linger)),
                         0);
    for (unsigned i = 0; i < PEERS; i += 2)
        close(peers[i]->fd);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(sio_namespace_emit(nsp, NULL, "all", NULL), 0);
    for (unsigned i = 1; i < PEERS; i += 2)
        for (unsigned j = 0; j < 10; j++)
            expect_frame(peers[i], "42[\"all\"]");
    for (unsigned i = 0; i < PEERS; i += 2)
        peers[i]->fd = dup(STDERR_FILENO);
    free_all();
}

/* A ring that the kernel takes away is done without from then on. */
static void a_ring_that_breaks_is_given_up(void **state)
{
    (void)state;
    connect_all(0);
    for (unsigned round = 0; round < 3; round++) {
        assert_int_equal(sio_namespace_emit(nsp, NULL, "all", NULL), 0);
        for (unsigned i = 0; i < PEERS; i++)
            expect_frame(peers[i], "42[\"all\"]");
        if (round == 0 && ring()->uring.fd > 0)
            assert_true(dup2(STDERR_FILENO, ring()->uring.fd) > 0);
    }
    assert_true(ring()->none);
    free_all();
}

static void what_an_option_forbids_is_not_opened(void **state)
{
    (void)state;
    connect_all(0);
    assert_int_equal(sio_namespace_emit(nsp, NULL, "all", NULL), 0);
    for (unsigned i = 0; i < PEERS; i++)
        expect_frame(peers[i], "42[\"all\"]");
    assert_int_equal(ring()->uring.fd, 0);
    free_all();
}

static void not_any_number_of_threads_helps(void **state)
{
    (void)state;
    char error[64];
    sio_server_options options = {
        .loop = &loop, .no_client_files = true, .error = error, .error_size = sizeof(error)
    };
    sio_server *other;
    options.send_threads = SIO_LIMIT_SEND_THREADS + 1;
    assert_int_equal(sio_server_new(&other, &options), SIO_EINVAL);
    assert_string_equal(error, "send_threads are 8 at most");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(each_gets_its_own_in_order),
        BOTH(more_than_the_buffer_for_copies),
        BOTH(one_that_was_stuck_gets_all),
        BOTH(those_that_went_away_are_found),
        cmocka_unit_test_setup_teardown(one_that_is_stuck_holds_up_nobody, begin_small, stop),
        BY_RING(a_ring_that_breaks_is_given_up),
        WITHOUT(what_an_option_forbids_is_not_opened),
        BY_RING(not_any_number_of_threads_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
