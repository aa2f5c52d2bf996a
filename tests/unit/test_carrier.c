/* Connections that somebody else carries: the server serves them as its own, and lets go of them.
 */
#include "live.h"

#include <sio/sys/carrier.h>

/* A carrier that takes as much as it is told to. */
static struct fake {
    sio_conn *conn;
    size_t budget; /* bytes that it takes until it is full */
    size_t len;
    char out[65536];
    bool broken, paused, finished, closed;
} fake;

static int on_write(void *carrier, const char *data, size_t len)
{
    struct fake *to = carrier;
    assert_false(to->closed);
    if (to->broken)
        return -1;
    if (len > to->budget)
        len = to->budget;
    assert_true(len < sizeof(to->out) - to->len);
    memcpy(to->out + to->len, data, len);
    to->len += len;
    to->budget -= len;
    to->out[to->len] = '\0';
    return (int)len;
}

static size_t on_queued(void *carrier)
{
    (void)carrier;
    return 0;
}

static void on_pause(void *carrier, bool pause)
{
    struct fake *to = carrier;
    to->paused = pause;
}

static void on_finish(void *carrier)
{
    struct fake *to = carrier;
    assert_false(to->closed);
    to->finished = true;
}

static void on_close(void *carrier)
{
    struct fake *to = carrier;
    assert_false(to->closed);
    to->closed = true;
}

static const sio_carrier_ops ops = {
    .write = on_write,
    .queued = on_queued,
    .pause = on_pause,
    .finish = on_finish,
    .close = on_close,
};

static void open_one(sio_carrier_info info)
{
    fake = (struct fake){ .budget = SIZE_MAX };
    info.ops = &ops;
    info.carrier = &fake;
    assert_int_equal(sio_carrier_open(&fake.conn, server, &info), 0);
}

static void say(const char *text)
{
    char copy[1024];
    const int len = snprintf(copy, sizeof(copy), "%s", text);
    assert_in_range(len, 1, (int)sizeof(copy) - 1);
    sio_carrier_input(fake.conn, copy, (size_t)len);
}

static void turns(unsigned count)
{
    while (count-- > 0)
        uv_run(&loop, UV_RUN_NOWAIT);
}

static void end_one(void)
{
    if (!fake.closed)
        sio_carrier_end(fake.conn);
    turns(2);
}

#define HANDSHAKE "GET /socket.io/?EIO=4&transport=polling" HTTP "\r\n"
#define UPGRADE                                                                                    \
    "GET /socket.io/?EIO=4&transport=websocket" HTTP "Upgrade: websocket\r\n"                      \
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                                         \
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

static void requests_one_after_the_other(void **state)
{
    (void)state;
    open_one((sio_carrier_info){ .secure = true });
    say("GET /nothing" HTTP);
    say("\r\nGET /nothing" HTTP "\r\n");
    turns(3);
    assert_int_equal(strncmp(fake.out, "HTTP/1.1 404 Not Found\r\n", 24), 0);
    assert_non_null(strstr(fake.out + 24, "HTTP/1.1 404 Not Found\r\n"));
    assert_false(fake.finished);
    end_one();
}

static void the_last_answer_ends_it(void **state)
{
    (void)state;
    open_one((sio_carrier_info){ .secure = true });
    say("GET /nothing" HTTP "Connection: close\r\n\r\n");
    assert_true(fake.finished);
    assert_false(fake.closed);
    end_one();
}

/* Byte by byte, as a carrier that is nearly full takes them. */
static void what_is_not_taken_waits(void **state)
{
    (void)state;
    open_one((sio_carrier_info){ .secure = true });
    fake.budget = 0;
    say(HANDSHAKE);
    turns(2);
    assert_int_equal(fake.len, 0);
    for (int i = 0; i < 400 && !strstr(fake.out, "\"maxPayload\":10000}"); i++) {
        fake.budget = 1;
        sio_carrier_writable(fake.conn);
    }
    assert_int_equal(strncmp(fake.out, "HTTP/1.1 200 OK\r\n", 17), 0);
    assert_non_null(strstr(fake.out, "\"maxPayload\":10000}"));
    end_one();
}

static void it_goes_with_writes_that_wait(void **state)
{
    (void)state;
    open_one((sio_carrier_info){ .secure = true });
    fake.budget = 10;
    say(UPGRADE);
    turns(2);
    assert_int_equal(fake.len, 10);
    assert_int_equal(stats_now().clients, 1);
    end_one();
    assert_int_equal(stats_now().clients, 0);
    assert_int_equal(stats_now().connections, 0);
}

static void a_carrier_that_breaks(void **state)
{
    (void)state;
    open_one((sio_carrier_info){ .secure = true });
    say(UPGRADE);
    turns(2);
    assert_int_equal(strncmp(fake.out, "HTTP/1.1 101 ", 13), 0);
    fake.broken = true;
    say("\x81\x81\x01\x02\x03\x04\x33"); /* the packet "2", which is no probe's: an error */
    turns(3);
    if (!fake.closed)
        end_one();
    assert_int_equal(stats_now().clients, 0);
}

static bool seen_secure;
static char seen_subject[64], seen_address[64];

static void note_socket(sio_socket *socket, void *data)
{
    const char *subject = sio_socket_subject(socket);
    (void)data;
    seen_secure = sio_socket_secure(socket);
    snprintf(seen_subject, sizeof(seen_subject), "%s", subject ? subject : "none");
    snprintf(seen_address, sizeof(seen_address), "%s", sio_socket_address(socket));
}

static void join_by(sio_carrier_info info)
{
    open_one(info);
    say(UPGRADE);
    sio_carrier_input(fake.conn, (char[]){ '\x81', '\x82', 0, 0, 0, 0, '4', '0' }, 8);
    turns(3);
    end_one();
}

static void it_says_who_comes(void **state)
{
    (void)state;
    const struct sockaddr_in peer = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201) };
    sio_namespace_on_connection(sio_server_of(server, "/"), note_socket, NULL);
    join_by((sio_carrier_info){ .secure = true,
                                .subject = "CN=alice",
                                .peer = (const struct sockaddr *)&peer,
                                .peer_len = sizeof(peer) });
    assert_true(seen_secure);
    assert_string_equal(seen_subject, "CN=alice");
    assert_string_equal(seen_address, "192.0.2.1");
    join_by((sio_carrier_info){ .secure = false });
    assert_false(seen_secure);
    assert_string_equal(seen_subject, "none");
    assert_string_equal(seen_address, "unix:");
}

static int start_small(void **state)
{
    (void)state;
    return start_with(&(sio_server_options){ .limits = { .max_connections = 1 } });
}

static void limits_are_the_servers(void **state)
{
    (void)state;
    open_one((sio_carrier_info){ .secure = true });
    struct fake first = fake;
    open_one((sio_carrier_info){ .secure = true });
    assert_int_equal(strncmp(fake.out, "HTTP/1.1 503 ", 13), 0);
    assert_true(fake.finished);
    end_one();
    sio_carrier_end(first.conn);
    turns(2);
    assert_int_equal(stats_now().refused_connections, 1);
    open_one((sio_carrier_info){ .secure = true });
    say("GET /nothing" HTTP "\r\n");
    assert_int_equal(strncmp(fake.out, "HTTP/1.1 404 ", 13), 0);
    end_one();
}

/* ---- those that bring connections ---- */

static struct bringer {
    sio_carriage carriage;
    bool deaf, stopped;
} bringer;

static void on_deaf(sio_carriage *carriage)
{
    ((struct bringer *)carriage)->deaf = true;
}

static void on_stop(sio_carriage *carriage)
{
    ((struct bringer *)carriage)->stopped = true;
}

static void the_end_waits_for_who_brings_them(void **state)
{
    (void)state;
    sio_conn *conn;
    bringer = (struct bringer){ .carriage = { .deaf = on_deaf, .stop = on_stop } };
    assert_int_equal(sio_carriage_add(server, &bringer.carriage), 0);
    open_one((sio_carrier_info){ .secure = true });
    say(UPGRADE);
    turns(2);
    sio_server_close(server);
    assert_true(bringer.deaf);
    assert_false(bringer.stopped);
    assert_int_equal(sio_carrier_open(&conn, server, &(sio_carrier_info){ .ops = &ops }),
                     SIO_ECLOSED);
    turns(3);
    end_one();
    turns(3);
    assert_true(bringer.stopped);
    assert_false(closed);
    sio_carriage_stopped(&bringer.carriage);
    turns(3);
    assert_true(closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_one_after_the_other, start, stop),
        cmocka_unit_test_setup_teardown(the_last_answer_ends_it, start, stop),
        cmocka_unit_test_setup_teardown(what_is_not_taken_waits, start, stop),
        cmocka_unit_test_setup_teardown(it_goes_with_writes_that_wait, start, stop),
        cmocka_unit_test_setup_teardown(a_carrier_that_breaks, start, stop),
        cmocka_unit_test_setup_teardown(it_says_who_comes, start, stop),
        cmocka_unit_test_setup_teardown(limits_are_the_servers, start_small, stop),
        cmocka_unit_test_setup_teardown(the_end_waits_for_who_brings_them, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
