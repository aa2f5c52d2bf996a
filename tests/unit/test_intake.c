/* What many WebSockets send at once is read as if each had been read from alone: by io_uring and
 * without it. */
#include "net/conn.h"

#define PEERS 100u /* more than one call reads from */

#include "ways.h"

#define FLOODERS 5u
#define FLOOD    262144u
#define FLOODING "42[\"say\",\"0\"]"

static char frames[FLOOD + 1024]; /* of FLOODING */
static size_t flooded[FLOODERS];  /* bytes of it */
static unsigned heard;
static unsigned heard_of[10]; /* of the one whose number is said */
static size_t heard_bytes;
static char answer[64];

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)ack, (void)data;
    const char *text = sio_args_string(args, 0);
    heard++;
    heard_bytes += strlen(text);
    if (text[0] >= '0' && text[0] <= '9')
        heard_of[text[0] - '0']++;
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
    memset(heard_of, 0, sizeof(heard_of));
    memset(flooded, 0, sizeof(flooded));
    answer[0] = '\0';
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

/* ---- nobody keeps the others waiting ---- */

static unsigned waited_for; /* what had been heard of others when the quiet one was */
static bool quiet_heard;

static void on_quiet(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)args, (void)data;
    waited_for = heard;
    quiet_heard = true;
    (void)sio_ack_send(ack, "");
}

/* Nobody has just come. */
static void begin_quietly(void)
{
    const sio_net *net = server->net;
    for (sio_list *node = net->conns.next; node != &net->conns; node = node->next)
        SIO_CONTAINER(node, sio_conn, node)->share = (sio_share){ 0 };
    assert_int_equal(sio_namespace_on(sio_server_of(server, "/"), "quiet", on_quiet, NULL), 0);
}

/* By peers[1], which has come second. It is there when this returns. */
static void say_quietly(void)
{
    const sio_net *net = server->net;
    const sio_conn *conn = SIO_CONTAINER(net->conns.next->next, sio_conn, node);
    struct pollfd arrival = { .fd = sio_conn_fd(conn), .events = POLLIN };
    char bytes[64];
    quiet_heard = false;
    send_now(peers[1], bytes, frame_of(bytes, SIO_WS_TEXT, "421[\"quiet\"]", 12));
    assert_int_equal(poll(&arrival, 1, GUARD_MS), 1);
}

static size_t fill(unsigned number)
{
    char text[] = FLOODING;
    size_t each = 0;
    text[sizeof(text) - 4] = (char)('0' + number);
    for (size_t len = 0; len < sizeof(frames) - 2 * each; len += each)
        each = frame_of(frames + len, SIO_WS_TEXT, text, strlen(text));
    return each;
}

/* As much as the kernel takes at once, up to FLOOD bytes; it may end within a frame. */
static void flood(unsigned number)
{
    const size_t each = fill(number), end = flooded[number] + FLOOD;
    ssize_t count = 1;
    while (flooded[number] < end && count > 0) {
        count = send(peers[number]->fd, frames + flooded[number] % each, end - flooded[number],
                     MSG_DONTWAIT | MSG_NOSIGNAL);
        flooded[number] += count > 0 ? (size_t)count : 0;
    }
}

/* Ends it with a frame. Returns how many there were in all. */
static unsigned end_flood(unsigned number)
{
    const size_t each = fill(number), begun = flooded[number] % each;
    const size_t frame_count = (flooded[number] + each - 1) / each;
    if (begun > 0)
        send_bytes(peers[number], frames + begun, each - begun);
    return (unsigned)frame_count;
}

static unsigned messages_in(size_t bytes)
{
    return (unsigned)(bytes / strlen(FLOODING));
}

/* In the midst of a flood one says a word: it is heard and answered in the turn that finds it,
 * before more of the flood than a quiet one may say. */
static void a_flood_keeps_nobody_waiting(void **state)
{
    (void)state;
    begin_quietly();
    for (unsigned round = 0; round < 10; round++) {
        const unsigned before = heard;
        flood(0);
        say_quietly();
        uv_run(&loop, UV_RUN_NOWAIT);
        assert_true(quiet_heard);
        assert_true(waited_for - before <= messages_in(SIO_LIMIT_QUIET_PART));
        expect(peers[1], "431[]");
    }
    await_heard(end_flood(0));
    free_all();
}

static unsigned range_of_heard(void)
{
    unsigned most = 0, least = UINT32_MAX;
    for (unsigned i = 0; i < FLOODERS; i++) {
        most = heard_of[i] > most ? heard_of[i] : most;
        least = heard_of[i] < least ? heard_of[i] : least;
    }
    return most - least;
}

static void floods_take_turns(void **state)
{
    (void)state;
    const unsigned fewest = messages_in(FLOOD / 8); /* that the kernel takes of each */
    unsigned all = 0;
    for (unsigned i = 0; i < FLOODERS; i++)
        flood(i);
    while (heard < FLOODERS * fewest) {
        uv_run(&loop, UV_RUN_NOWAIT);
        assert_true(range_of_heard() <= 2 * messages_in(SIO_LIMIT_INTAKE_PART));
    }
    for (unsigned i = 0; i < FLOODERS; i++)
        all += end_flood(i);
    await_heard(all);
    free_all();
}

static void on_client(sio_server *which, sio_client *client, void *data)
{
    (void)which, (void)client, (void)data;
    const ssize_t count = recv(peers[1]->fd, answer, sizeof(answer) - 1, MSG_DONTWAIT);
    answer[count > 0 ? count : 0] = '\0';
}

/* Who has just come waits until those that are there have been served and answered. */
static void requests_wait_for_answers(void **state)
{
    (void)state;
    begin_quietly();
    struct peer *fresh = peer_new();
    send_text(fresh, "GET " ENGINE "polling" HTTP "\r");
    for (unsigned i = 0; i < 3; i++)
        turn(NULL);
    server->on_client = on_client;
    say_quietly();
    send_text(fresh, "\n");
    expect(fresh, "0{\"sid\":");
    assert_string_equal(answer, "\x81\x05"
                                "431[]");
    peer_free(fresh);
    free_all();
}

/* Those that were there when it was asked for, whoever comes meanwhile. */
static void it_is_known_when_those_that_wait_have_been_served(void **state)
{
    (void)state;
    struct peer *fresh[20], *later = peer_new();
    sio_intake *intake = &((sio_net *)server->net)->intake;
    char byte;
    for (unsigned i = 0; i < 20; i++)
        fresh[i] = peer_new();
    for (unsigned i = 0; i < 20; i++)
        turn(NULL);
    for (unsigned i = 0; i < 20; i++)
        send_text(fresh[i], "GET /nothing" HTTP "\r\n");
    uv_run(&loop, UV_RUN_NOWAIT);
    while (!sio_intake_served(intake)) {
        send_text(later, "GET /nothing" HTTP "\r\n");
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(recv(fresh[i]->fd, &byte, 1, MSG_DONTWAIT), 1);
        peer_free(fresh[i]);
    }
    peer_free(later);
    free_all();
}

/* Thousands that wait make the poll long that tells of them: they are to be through some day. */
static void they_get_as_long_as_asking_for_them_takes(void **state)
{
    (void)state;
    struct peer *fresh[20];
    sio_intake *intake = &((sio_net *)server->net)->intake;
    char byte;
    for (unsigned i = 0; i < 20; i++)
        fresh[i] = peer_new();
    for (unsigned i = 0; i < 20; i++)
        turn(NULL);
    for (unsigned i = 0; i < 20; i++)
        send_text(fresh[i], "GET /nothing" HTTP "\r\n");
    intake->cost_ns = 100 * 1000 * 1000;
    intake->left_ns = uv_hrtime() - UINT64_C(10) * 1000 * 1000 * 1000;
    uv_run(&loop, UV_RUN_NOWAIT);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(recv(fresh[i]->fd, &byte, 1, MSG_DONTWAIT), 1);
        peer_free(fresh[i]);
    }
    free_all();
}

/* ---- who comes ---- */

static void so_many_are_accepted_in_a_turn(void **state)
{
    (void)state;
    struct peer *fresh[5 * SIO_LIMIT_ACCEPTS];
    const uint32_t before = (uint32_t)server->stats.connections;
    for (unsigned i = 0; i < 5 * SIO_LIMIT_ACCEPTS; i++)
        fresh[i] = peer_new();
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_in_range(server->stats.connections - before, 1, SIO_LIMIT_ACCEPTS);
    for (unsigned i = 0; i < 5 * SIO_LIMIT_ACCEPTS; i++) {
        send_text(fresh[i], "GET /nothing" HTTP "\r\n");
        expect(fresh[i], "HTTP/1.1 404 ");
        peer_free(fresh[i]);
    }
    free_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(each_is_read_whole),
        BOTH(pieces_are_put_together),
        BOTH(a_handler_may_end_those_that_were_read_with_it),
        BOTH(ends_are_found_behind_what_was_said),
        BOTH(a_flood_keeps_nobody_waiting),
        BOTH(floods_take_turns),
        BOTH(requests_wait_for_answers),
        BOTH(it_is_known_when_those_that_wait_have_been_served),
        BOTH(they_get_as_long_as_asking_for_them_takes),
        WITHOUT(so_many_are_accepted_in_a_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
