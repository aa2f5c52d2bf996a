/* What many WebSockets send at once is read as if each had been read from alone: by io_uring and
 * without it. */
#include "net/loop.h"

#define PEERS 100u /* more than one call reads from */

#include "ways.h"

static unsigned heard;
static size_t heard_bytes;

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)ack, (void)data;
    heard++;
    heard_bytes += strlen(sio_args_string(args, 0));
}

static void on_alone(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)ack, (void)data;
    heard++;
    const sio_target others = { .except = SIO_ROOMS(sio_socket_id(socket)) };
    assert_int_equal(sio_namespace_disconnect_sockets(sio_socket_namespace(socket), &others, true),
                     0);
}

static int begin(bool no_io_uring)
{
    const int err =
        start_with(&(sio_server_options){ .no_io_uring = no_io_uring, .max_payload = 200000 });
    sio_namespace *nsp = err ? NULL : sio_server_of(server, "/");
    heard = 0;
    heard_bytes = 0;
    if (!err)
        assert_int_equal(sio_namespace_on(nsp, "say", on_say, NULL) ||
                             sio_namespace_on(nsp, "alone", on_alone, NULL),
                         0);
    for (unsigned i = 0; !err && i < PEERS; i++)
        peers[i] = connect_websocket(0);
    return err;
}

static void await_heard(unsigned count)
{
    const uint64_t end = now_ms() + GUARD_MS;
    while (heard < count) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    assert_int_equal(heard, count);
}

/* Without a turn of the loop in between: it finds all of it at once. */
static void send_now(struct peer *peer, const void *bytes, size_t len)
{
    assert_int_equal(send(peer->fd, bytes, len, MSG_NOSIGNAL), len);
}

static size_t message_of(char *out, const char *event, size_t filling)
{
    static char text[150000];
    const int len = snprintf(text, sizeof(text), "42[\"%s\",\"", event);
    memset(text + len, 'f', filling);
    memcpy(text + (size_t)len + filling, "\"]", 2);
    return frame_of(out, SIO_WS_TEXT, text, (size_t)len + filling + 2);
}

/* Short ones, and some that are longer than their part of the buffer, to the byte too. */
static void each_is_read_whole(void **state)
{
    (void)state;
    static char bytes[150000];
    size_t expected = 0;
    unsigned count = 0;
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned i = 0; i < PEERS; i++) {
            const size_t filling = i % 7 == 0 ? 900 + round * 4 : i % 11 == 0 ? 70000 : i;
            send_now(peers[i], bytes, message_of(bytes, "say", filling));
            expected += filling;
            count++;
        }
        await_heard(count);
    }
    assert_int_equal(heard_bytes, expected);
    assert_string_equal(disconnected, "");
    free_all();
}

/* A message in pieces, whose ends come with the next one. */
static void pieces_are_put_together(void **state)
{
    (void)state;
    static char bytes[PEERS][2048];
    size_t sizes[PEERS];
    for (unsigned i = 0; i < PEERS; i++) {
        sizes[i] = message_of(bytes[i], "say", i * 10);
        sizes[i] += message_of(bytes[i] + sizes[i], "say", 3);
        send_now(peers[i], bytes[i], 5 + i % 4);
    }
    for (unsigned i = 0; i < 3; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(heard, 0);
    for (unsigned i = 0; i < PEERS; i++)
        send_now(peers[i], bytes[i] + 5 + i % 4, sizes[i] - 5 - i % 4);
    await_heard(2 * PEERS);
    free_all();
}

/* The handler of what one has sent ends all others, of whom the same call has read: nothing of
 * theirs is served any more. */
static void a_handler_may_end_those_that_were_read_with_it(void **state)
{
    (void)state;
    char bytes[128];
    for (unsigned i = 0; i < PEERS; i++)
        send_now(peers[i], bytes, message_of(bytes, "alone", 1));
    await_heard(1);
    const uint64_t end = now_ms() + GUARD_MS;
    while (server->stats.clients > 1) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    assert_int_equal(heard, 1);
    free_all();
}

/* Some say something and go, some just go, some break off. */
static void ends_are_found_behind_what_was_said(void **state)
{
    (void)state;
    char bytes[128];
    for (unsigned i = 0; i < PEERS; i++) {
        if (i % 4 < 2)
            send_now(peers[i], bytes, message_of(bytes, "say", 1));
        if (i % 4 == 1)
            shutdown(peers[i]->fd, SHUT_WR);
        if (i % 4 == 2)
            close(peers[i]->fd);
        if (i % 4 == 3)
            setsockopt(peers[i]->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
                       sizeof(struct linger));
        if (i % 4 == 3)
            close(peers[i]->fd);
        if (i % 4 > 1)
            peers[i]->fd = dup(STDERR_FILENO);
    }
    const uint64_t end = now_ms() + GUARD_MS;
    while (server->stats.clients > PEERS / 4) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    assert_int_equal(heard, PEERS / 2);
    send_now(peers[0], bytes, message_of(bytes, "say", 1));
    await_heard(PEERS / 2 + 1);
    free_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(each_is_read_whole),
        BOTH(pieces_are_put_together),
        BOTH(a_handler_may_end_those_that_were_read_with_it),
        BOTH(ends_are_found_behind_what_was_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
