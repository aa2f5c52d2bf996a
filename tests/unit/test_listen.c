/* Where servers listen: several places at once, unix sockets, sockets that were handed in. */
#include "live.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "free_port.h"
#include "net/activation.h"

/* ---- a folder of its own for each test ---- */

static char folder[64], path[128];
static char said[512]; /* the last error in the log */
static char address[64];

static void on_log(sio_server *which, sio_log_level level, sio_log_category category,
                   const char *text, void *data)
{
    (void)which;
    (void)data;
    if (level != SIO_LOG_ERROR)
        return;
    assert_int_equal(category, SIO_LOG_NET);
    snprintf(said, sizeof(said), "%s", text);
}

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/sio-test-listen-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/io.sock", folder);
    said[0] = '\0';
    return start_with(&(sio_server_options){ .on_log = on_log });
}

static int end(void **state)
{
    const int rc = stop(state);
    unlink(path);
    return rmdir(folder) ? -1 : rc; /* it is empty */
}

/* ---- other sockets ---- */

static int bound(int type, const char *at)
{
    const struct sockaddr_un where = unix_address(at);
    const int fd = socket(AF_UNIX, type, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&where, sizeof(where)), 0);
    return fd;
}

static int bound_tcp(uint16_t *port)
{
    struct sockaddr_in where = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(where);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&where, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&where, &len), 0);
    *port = ntohs(where.sin_port);
    return fd;
}

static void is_served(struct peer *peer)
{
    send_text(peer, "GET /nothing" HTTP "Connection: close\r\n\r\n");
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    expect(peer, "\r\n\r\n");
    expect_end(peer);
    peer_free(peer);
}

static bool exists(const char *file)
{
    struct stat status;
    return lstat(file, &status) == 0;
}

static unsigned mode_of(const char *file)
{
    struct stat status;
    assert_int_equal(lstat(file, &status), 0);
    return status.st_mode & 0777;
}

/* ---- several ---- */

static void listens_in_several_places(void **state)
{
    (void)state;
    uint16_t ports[2] = { sio_server_port(server) };
    assert_int_equal(sio_server_listen_unix(server, path, 0), 0);
    assert_int_equal(sio_server_port(server), ports[0]);
    assert_int_equal(
        sio_server_listen_with(server, &(sio_listen_options){ .host = "localhost", .backlog = 1 }),
        0);
    ports[1] = sio_server_port(server);
    assert_int_not_equal(ports[0], ports[1]);
    for (int i = 0; i < 3; i++)
        is_served(i < 2 ? peer_new_to(ports[i], 0) : peer_new_at(path));
    sio_server_close(server);
    assert_false(exists(path));
    assert_int_equal(sio_server_listen_unix(server, path, 0), SIO_ECLOSED);
    assert_int_equal(sio_server_listen_fd(server, 0), SIO_ECLOSED);
    assert_int_equal(sio_server_listen_systemd(server, NULL), SIO_ECLOSED);
    for (int i = 0; i < 2; i++) {
        const struct sockaddr_in where = { .sin_family = AF_INET,
                                           .sin_port = htons(ports[i]),
                                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (const struct sockaddr *)&where, sizeof(where)), -1);
        assert_int_equal(errno, ECONNREFUSED);
        close(fd);
    }
}

static void options_go_together_or_not_at_all(void **state)
{
    (void)state;
    char longer[200];
    memset(longer, 'x', sizeof(longer));
    longer[0] = '/';
    longer[199] = '\0';
    const sio_listen_options bad[] = {
        { .path = path, .host = "127.0.0.1" },
        { .path = path, .port = 1 },
        { .path = path, .reuse_port = true },
        { .path = path, .ipv6_only = true },
        { .path = path, .mode = 01777 },
        { .path = longer },
        { .path = "" },
        { .host = "127.0.0.1", .mode = 0600 },
        { .host = "127.0.0.1", .ipv6_only = true },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        said[0] = '\0';
        assert_int_equal(sio_server_listen_with(server, &bad[i]), SIO_EINVAL);
        assert_memory_equal(said, "cannot listen on ", 17);
    }
    assert_int_equal(sio_server_listen_unix(server, NULL, 0), SIO_EINVAL);
    assert_false(exists(path));
}

static void processes_share_a_port_if_both_say_so(void **state)
{
    (void)state;
    sio_server *second;
    sio_listen_options options = { .host = "127.0.0.1", .reuse_port = true };
    assert_int_equal(sio_server_new(&second, &(sio_server_options){ .loop = &loop }), 0);
    assert_int_equal(sio_server_listen_with(server, &options), 0);
    options.port = sio_server_port(server);
    assert_int_equal(sio_server_listen_with(second, &options), 0);
    assert_int_equal(sio_server_port(second), options.port);
    options.reuse_port = false;
    assert_int_equal(sio_server_listen_with(second, &options), SIO_EADDRINUSE);
    for (int i = 0; i < 8; i++)
        is_served(peer_new_to(options.port, 0));
    sio_server_free(second);
    for (int i = 0; i < 8; i++)
        is_served(peer_new_to(options.port, 0));
}

static void ipv6_alone_leaves_ipv4_to_others(void **state)
{
    (void)state;
    int claim;
    sio_listen_options options = { .ipv6_only = true, .port = (uint16_t)free_port(&claim) };
    const int err = sio_server_listen_with(server, &options);
    close(claim);
    if (err == SIO_EADDRESS)
        skip(); /* no IPv6 here */
    assert_int_equal(err, 0);
    const uint16_t port = sio_server_port(server);
    assert_int_equal(port, options.port);
    assert_int_equal(sio_server_listen(server, "0.0.0.0", port), 0);
    assert_int_equal(sio_server_listen(server, NULL, port), SIO_EADDRINUSE);
    is_served(peer_new_to(port, 0));
}

/* ---- unix sockets ---- */

static void note_address(sio_socket *socket, void *data)
{
    (void)data;
    snprintf(address, sizeof(address), "%s", sio_socket_address(socket));
}

static void a_client_comes_by_a_unix_socket(void **state)
{
    (void)state;
    assert_int_equal(sio_server_listen_unix(server, path, 0600), 0);
    sio_namespace_on_connection(sio_server_of(server, "/"), note_address, NULL);
    struct peer *peer = peer_new_at(path), *polling = peer_new_at(path);
    char sid[21];
    connect_polling(polling, sid);
    assert_string_equal(address, "unix:");
    address[0] = '\0';
    send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    expect(peer, "101 Switching Protocols\r\n");
    send_frame(peer, SIO_WS_TEXT, "40");
    expect(peer, "40{\"sid\":");
    assert_string_equal(address, "unix:");
    send_frame(peer, SIO_WS_TEXT, "42[\"message\",\"by a path\"]");
    expect(peer, "[\"message-back\",\"by a path\"]");
    peer_free(peer);
    expect_reason("transport close");
    peer_free(polling);
}

static void the_mode_is_what_was_asked_for(void **state)
{
    (void)state;
    const mode_t before = umask(027);
    assert_int_equal(sio_server_listen_unix(server, path, 0), 0);
    assert_int_equal(mode_of(path), 0750);
    char other[140];
    snprintf(other, sizeof(other), "%s.2", path);
    assert_int_equal(sio_server_listen_unix(server, other, 0666), 0);
    assert_int_equal(mode_of(other), 0666);
    umask(before);
    sio_server_close(server);
    assert_false(exists(path) || exists(other));
}

static void what_a_killed_process_left_is_replaced(void **state)
{
    (void)state;
    close(bound(SOCK_STREAM, path));
    assert_int_equal(sio_server_listen_unix(server, path, 0), 0);
    is_served(peer_new_at(path));
}

static void what_is_in_use_stays(void **state)
{
    (void)state;
    char text[256];
    assert_int_equal(sio_server_listen_unix(server, path, 0), 0);
    assert_int_equal(sio_server_listen_unix(server, path, 0), SIO_EADDRINUSE);
    snprintf(text, sizeof(text), "cannot listen on unix:%s: another process listens there", path);
    assert_string_equal(said, text);
    is_served(peer_new_at(path));

    char file[140];
    snprintf(file, sizeof(file), "%s.txt", path);
    const int fd = open(file, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0 && close(fd) == 0);
    assert_int_equal(sio_server_listen_unix(server, file, 0), SIO_EEXISTS);
    assert_int_equal(unlink(file), 0);
    const int datagrams = bound(SOCK_DGRAM, file);
    assert_int_equal(sio_server_listen_unix(server, file, 0), SIO_EADDRINUSE);
    close(datagrams);
    assert_int_equal(unlink(file), 0);
    snprintf(file, sizeof(file), "%s/none/io.sock", folder);
    assert_int_equal(sio_server_listen_unix(server, file, 0), SIO_ENOTFOUND);
}

/* The next process of a restart is there before this one goes. */
static void the_file_of_a_successor_stays(void **state)
{
    (void)state;
    assert_int_equal(sio_server_listen_unix(server, path, 0), 0);
    assert_int_equal(unlink(path), 0);
    const int successor = bound(SOCK_STREAM, path);
    sio_server_close(server);
    run_to_the_end();
    assert_true(exists(path));
    close(successor);
}

/* ---- handed in ---- */

static void takes_sockets_that_were_opened_elsewhere(void **state)
{
    (void)state;
    uint16_t port;
    const int tcp = bound_tcp(&port), file = bound(SOCK_STREAM, path);
    assert_int_equal(listen(file, 1), 0);
    assert_int_equal(sio_server_listen_fd(server, tcp), 0);
    assert_int_equal(sio_server_port(server), port);
    assert_int_equal(sio_server_listen_fd(server, file), 0);
    assert_int_equal(sio_server_port(server), port);
    assert_int_equal(fcntl(tcp, F_GETFD), FD_CLOEXEC);
    assert_int_equal(sio_server_listen_fd(server, tcp), SIO_EEXISTS);
    is_served(peer_new_to(port, 0));
    is_served(peer_new_at(path));
    sio_server_close(server);
    run_to_the_end();
    assert_true(exists(path));
    assert_int_equal(fcntl(tcp, F_GETFD), -1);
}

static void refuses_what_is_no_listening_socket(void **state)
{
    (void)state;
    static const char *const why[] = {
        "it is not open",
        "it is no socket",
        "it is no stream socket",
        "it is connected already (a .socket unit needs Accept=no)",
        "it is not bound to an address",
    };
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const int fds[] = { -1, open("/dev/null", O_RDONLY), socket(AF_INET, SOCK_DGRAM, 0), pair[0],
                        socket(AF_UNIX, SOCK_STREAM, 0) };
    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
        char text[128];
        assert_int_equal(sio_server_listen_fd(server, fds[i]), SIO_EINVAL);
        snprintf(text, sizeof(text), "cannot listen on descriptor %d: %s", fds[i], why[i]);
        assert_string_equal(said, text);
        if (fds[i] >= 0)
            assert_int_equal(close(fds[i]), 0);
    }
    close(pair[1]);
}

static void set_environment(const char *pid, const char *fds, const char *names)
{
    const char *const pairs[][2] = { { "LISTEN_PID", pid },
                                     { "LISTEN_FDS", fds },
                                     { "LISTEN_FDNAMES", names } };
    for (int i = 0; i < 3; i++)
        assert_int_equal(pairs[i][1] ? setenv(pairs[i][0], pairs[i][1], 1) : unsetenv(pairs[i][0]),
                         0);
}

static void reads_what_systemd_says(void **state)
{
    (void)state;
    sio_activation got;
    char pid[24];
    snprintf(pid, sizeof(pid), "%d", getpid());
    set_environment(NULL, NULL, NULL);
    assert_int_equal(sio_server_listen_systemd(server, NULL), 0);
    set_environment("1", "1", NULL); /* another process's */
    assert_int_equal(sio_server_listen_systemd(server, NULL), 0);
    static const char *const bad[] = {
        "", "x", "-1", "1x", " 1", "2147483647", "99999999999999999999"
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        set_environment(pid, bad[i], NULL);
        assert_int_equal(sio_server_listen_systemd(server, NULL), SIO_EPARSE);
    }
    set_environment("me", "1", NULL);
    assert_int_equal(sio_server_listen_systemd(server, NULL), SIO_EPARSE);
    assert_non_null(strstr(said, "is no number"));

    set_environment(pid, "3", "web:admin::x");
    assert_int_equal(sio_server_listen_systemd(server, "none of them"), 0);
    assert_int_equal(sio_activation_read(&got), 0);
    assert_int_equal(got.first, 3);
    assert_int_equal(got.count, 3);
    assert_true(sio_activation_is(&got, 0, "web") && sio_activation_is(&got, 1, "admin"));
    assert_true(sio_activation_is(&got, 2, "") && sio_activation_is(&got, 1, NULL));
    assert_false(sio_activation_is(&got, 0, "we") || sio_activation_is(&got, 0, "web:admin"));
    assert_false(sio_activation_is(&got, 1, "web") || sio_activation_is(&got, 7, "x"));
    set_environment(NULL, NULL, NULL);
}

/* ---- a loop of the application ---- */

static void on_closed_flag(sio_server *which, void *data)
{
    (void)which;
    *(bool *)data = true;
}

static unsigned ticks;
static uv_timer_t heart;

static void on_heart(uv_timer_t *timer)
{
    sio_server *const *servers = timer->data;
    ticks++;
    for (int i = 0; servers[i]; i++)
        assert_int_equal(
            sio_namespace_emit(sio_server_of(servers[i], "/"), NULL, "tick", "i", (int)ticks), 0);
}

/* Servers, timers and clients of one process share a loop; each goes when it likes. */
static void several_servers_share_a_loop_with_timers(void **state)
{
    (void)state;
    sio_server *other, *servers[3] = { server };
    bool other_closed = false;
    assert_int_equal(sio_server_new(&other, &(sio_server_options){ .loop = &loop,
                                                                   .on_closed = on_closed_flag,
                                                                   .data = &other_closed }),
                     0);
    register_handlers(other);
    assert_int_equal(sio_server_listen_unix(other, path, 0), 0);
    servers[1] = other;
    ticks = 0;
    heart.data = servers;
    assert_int_equal(uv_timer_init(&loop, &heart), 0);
    assert_int_equal(uv_timer_start(&heart, on_heart, 1, 1), 0);

    struct peer *here = connect_websocket(0), *there = peer_new_at(path);
    send_text(there, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    send_frame(there, SIO_WS_TEXT, "40");
    for (int i = 0; i < 5; i++) {
        expect(here, "42[\"tick\",");
        expect(there, "42[\"tick\",");
    }
    servers[1] = NULL;
    sio_server_close(other);
    expect_bytes(there, "\x88\x00", 2);
    send_frame(there, SIO_WS_CLOSE, "");
    const uint64_t limit = now_ms() + GUARD_MS;
    while (!other_closed) {
        assert_true(now_ms() < limit);
        turn(here);
    }
    sio_server_free(other);
    peer_free(there);
    assert_false(exists(path));

    receive(here);
    here->len = 0;
    const unsigned before = ticks;
    for (int i = 0; i < 5; i++)
        expect(here, "42[\"tick\",");
    assert_true(ticks > before);
    servers[0] = NULL;
    uv_close((uv_handle_t *)&heart, NULL);
    peer_free(here);
    sio_server_close(server);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0); /* nothing keeps it going any more */
    assert_true(closed);
    run_to_the_end();
}

#define LISTENING(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LISTENING(listens_in_several_places),
        LISTENING(options_go_together_or_not_at_all),
        LISTENING(processes_share_a_port_if_both_say_so),
        LISTENING(ipv6_alone_leaves_ipv4_to_others),
        LISTENING(a_client_comes_by_a_unix_socket),
        LISTENING(the_mode_is_what_was_asked_for),
        LISTENING(what_a_killed_process_left_is_replaced),
        LISTENING(what_is_in_use_stays),
        LISTENING(the_file_of_a_successor_stays),
        LISTENING(takes_sockets_that_were_opened_elsewhere),
        LISTENING(refuses_what_is_no_listening_socket),
        LISTENING(reads_what_systemd_says),
        LISTENING(several_servers_share_a_loop_with_timers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
