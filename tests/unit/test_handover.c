/* One process takes the place of another: the test plays the other one, of either side. */
#include "net/courier.h"

#include "live.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[64], path[128], said[512], told[4096];
static int handed_over;

static void on_log(sio_server *which, sio_log_level level, sio_log_category category,
                   const char *text, void *data)
{
    (void)which, (void)category, (void)data;
    if (level == SIO_LOG_ERROR)
        snprintf(said, sizeof(said), "%s", text);
    const size_t len = strlen(told);
    snprintf(told + len, sizeof(told) - len, "%s\n", text);
}

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/sio-test-handover-XXXXXX");
    if (!mkdtemp(folder) || chmod(folder, 0755))
        return -1;
    snprintf(path, sizeof(path), "%s/next.sock", folder);
    said[0] = told[0] = '\0';
    handed_over = 0;
    return start_with(&(sio_server_options){ .on_log = on_log });
}

static int end(void **state)
{
    const int rc = stop(state);
    unlink(path);
    return rmdir(folder) ? -1 : rc;
}

static void on_handed_over(sio_server *which, void *data)
{
    assert_ptr_equal(which, server);
    assert_ptr_equal(data, &handed_over);
    handed_over++;
}

static const sio_handover_options options = { .path = path,
                                              .timeout_ms = 3000,
                                              .drain = { .deadline_ms = 300 },
                                              .on_handed_over = on_handed_over,
                                              .data = &handed_over };

static bool exists(const char *file)
{
    struct stat status;
    return lstat(file, &status) == 0;
}

static void await_line(const char *line)
{
    const uint64_t end_ms = now_ms() + GUARD_MS;
    while (!strstr(told, line)) {
        if (now_ms() > end_ms)
            fail_msg("\"%s\" is not in the log:\n%s", line, told);
        turn(NULL);
    }
}

static void is_served(uint16_t port)
{
    struct peer *peer = peer_new_to(port, 0);
    send_text(peer, "GET /nothing" HTTP "Connection: close\r\n\r\n");
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    peer_free(peer);
}

/* ---- the test is the new process ---- */

static char room[SIO_COURIER_ROOM];
static sio_letter letter;
static int fds[SIO_LIMIT_HANDOVER];
static size_t count;

static int call(void)
{
    const struct sockaddr_un address = unix_address(path);
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void say(int fd, sio_letter_kind kind)
{
    assert_int_equal(sio_courier_put(fd, kind, SIO_STR(""), NULL, 0), 0);
}

/* The next letter; 0: the server has closed. */
static sio_letter_kind hear(int fd)
{
    const uint64_t end_ms = now_ms() + GUARD_MS;
    ssize_t len;
    while ((len = sio_courier_get(fd, &letter, room, fds, &count)) < 0) {
        assert_int_equal(errno, EAGAIN);
        assert_true(now_ms() < end_ms);
        turn(NULL);
    }
    return len ? letter.kind : 0;
}

static void close_fds(void)
{
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void gives_all_sockets(void **state)
{
    (void)state;
    char file[140];
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    snprintf(file, sizeof(file), "%s/io.sock", folder);
    const uint16_t port = sio_server_port(server);
    assert_int_equal(sio_server_listen_unix(server, file, 0600), 0);
    assert_int_equal(sio_server_handover(server, &options), 0);
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    const int fd = call();
    say(fd, SIO_LETTER_ASK);
    assert_int_equal(hear(fd), SIO_LETTER_SOCKETS);
    assert_int_equal(letter.count, 3);
    assert_string_equal(letter.sockets[0].path, "");
    assert_string_equal(letter.sockets[1].path, file);
    assert_string_equal(letter.sockets[2].path, path);
    assert_int_equal(letter.sockets[2].is_door, 1);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
    assert_int_equal(getsockname(fds[0], (struct sockaddr *)&address, &len), 0);
    assert_int_equal(ntohs(address.sin_port), port);
    is_served(port); /* nothing has changed for it */

    say(fd, SIO_LETTER_READY);
    await_line("handed over to process");
    assert_int_equal(handed_over, 1);
    struct peer *waiting = peer_new_to(port, 0); /* nobody accepts it but who has the socket */
    run_to_the_end();
    assert_int_equal(poll(&(struct pollfd){ .fd = fds[0], .events = POLLIN }, 1, GUARD_MS), 1);
    const int accepted = accept(fds[0], NULL, NULL);
    assert_true(accepted >= 0);
    close(accepted);
    peer_free(waiting);
    assert_true(exists(file) && exists(path));
    unlink(file);
    close_fds();
    close(fd);
}

static void who_dies_before_it_serves_changes_nothing(void **state)
{
    (void)state;
    const uint16_t port = sio_server_port(server);
    assert_int_equal(sio_server_handover(server, &options), 0);
    for (int i = 0; i < 3; i++) {
        const int fd = call();
        if (i > 0)
            say(fd, SIO_LETTER_ASK);
        if (i > 1) {
            assert_int_equal(hear(fd), SIO_LETTER_SOCKETS);
            close_fds();
        }
        told[0] = '\0';
        close(fd);
        await_line(i > 1 ? "has gone without serving: this one goes on" : "no hand-over:");
        is_served(port);
    }
    assert_int_equal(handed_over, 0);
    const int fd = call(); /* the next one is heard */
    say(fd, SIO_LETTER_ASK);
    assert_int_equal(hear(fd), SIO_LETTER_SOCKETS);
    close_fds();
    stop(NULL); /* it has the files now, though it does not serve yet */
    assert_true(exists(path));
    close(fd);
}

static void one_at_a_time(void **state)
{
    (void)state;
    assert_int_equal(sio_server_handover(server, &options), 0);
    assert_int_equal(sio_server_handover(server, &options), SIO_EEXISTS);
    const int first = call();
    say(first, SIO_LETTER_ASK);
    assert_int_equal(hear(first), SIO_LETTER_SOCKETS);
    close_fds();
    const int second = call();
    assert_int_equal(hear(second), SIO_LETTER_REFUSE);
    assert_true(sio_str_equal(letter.text, SIO_STR("another process is taking its place already")));
    assert_int_equal(hear(second), 0);
    close(second);
    close(first);
    await_line("has gone without serving");
    stop(NULL);
    assert_false(exists(path));
}

/* It takes the sockets, and ends in good order before its loop runs: files are not its own yet. */
static void one_that_ends_itself_early(void **state)
{
    char file[96];
    int status;
    (void)state;
    snprintf(file, sizeof(file), "%s/clients.sock", folder);
    assert_int_equal(sio_server_listen_unix(server, file, 0600), 0);
    assert_int_equal(sio_server_handover(server, &options), 0);
    const pid_t child = fork();
    if (child == 0) {
        sio_server *next;
        if (sio_server_new(&next, &(sio_server_options){ .no_client_files = true }))
            _exit(9);
        const int taken = sio_server_handover(next, &options);
        sio_server_free(next);
        _exit(taken == 2 ? 0 : 1);
    }
    await_line("has gone without serving");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(exists(path) && exists(file));
    is_served(sio_server_port(server));
    stop(NULL);
    assert_false(exists(path) || exists(file));
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    sio_letter_head other = sio_letter_begin(SIO_LETTER_ASK);
    other.version = SIO_LETTER_VERSION + 1;
    const sio_letter_head nothing = sio_letter_begin((sio_letter_kind)99);
    const struct {
        const void *data;
        size_t len;
    } said_to_it[] = { { "hello", 5 }, { &other, sizeof(other) }, { &nothing, sizeof(nothing) } };
    assert_int_equal(sio_server_handover(server, &options), 0);
    for (size_t i = 0; i < 3; i++) {
        const int fd = call();
        assert_int_equal(send(fd, said_to_it[i].data, said_to_it[i].len, MSG_NOSIGNAL),
                         said_to_it[i].len);
        assert_int_equal(hear(fd), SIO_LETTER_REFUSE);
        assert_non_null(memmem(letter.text.data, letter.text.len, "version 2 ", 10));
        assert_int_equal(hear(fd), 0);
        close(fd);
    }
    const int fd = call(); /* out of order */
    say(fd, SIO_LETTER_READY);
    say(fd, SIO_LETTER_ASK);
    assert_int_equal(hear(fd), SIO_LETTER_SOCKETS);
    assert_int_equal(handed_over, 0);
    close_fds();
    close(fd);
}

/* Runs `step` in a child process, as another user if the test may; its exit status. */
static int in_another(void (*step)(void), bool other_user)
{
    const pid_t child = fork();
    int status;
    if (child == 0) {
        /* from within the folder: folders above it may be closed to others */
        if (chdir(folder) || (other_user && setuid(65534)))
            _exit(77);
        step();
        _exit(0);
    }
    while (waitpid(child, &status, WNOHANG) == 0)
        turn(NULL);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void ask_as_a_stranger(void)
{
    const struct sockaddr_un address = unix_address("next.sock");
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)))
        _exit(1);
    (void)sio_courier_put(fd, SIO_LETTER_ASK, SIO_STR(""), NULL, 0);
    if (sio_courier_get(fd, &letter, room, fds, &count) <= 0 || letter.kind != SIO_LETTER_REFUSE ||
        !memmem(letter.text.data, letter.text.len, "another user", 12))
        _exit(2);
}

static void strangers_get_nothing(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can play another user */
    assert_int_equal(sio_server_handover(server, &options), 0);
    assert_int_equal(chmod(path, 0777), 0);
    assert_int_equal(in_another(ask_as_a_stranger, true), 0);
    assert_non_null(strstr(told, "of another user"));
    is_served(sio_server_port(server));
}

/* ---- the test is the old process ---- */

static int old; /* its socket at the path */

static void play_old(void)
{
    const struct sockaddr_un address = unix_address(path);
    old = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_true(old >= 0);
    assert_int_equal(bind(old, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(old, 1), 0);
}

static const char *answer;
static size_t answer_len;

static void answer_once(void)
{
    const int fd = accept(old, NULL, NULL);
    (void)sio_courier_get(fd, &letter, room, fds, &count);
    if (answer_len)
        (void)send(fd, answer, answer_len, MSG_NOSIGNAL);
}

static void is_refused(int err, const char *why)
{
    said[0] = '\0';
    const pid_t child = fork();
    if (child == 0) {
        answer_once();
        _exit(0);
    }
    assert_int_equal(sio_server_handover(server, &options), err);
    if (!strstr(said, why))
        fail_msg("\"%s\" does not say \"%s\"", said, why);
    assert_int_equal(waitpid(child, NULL, 0), child);
    is_served(sio_server_port(server));
}

static void bad_answers_change_nothing(void **state)
{
    (void)state;
    char text[sizeof(sio_letter_head) + 16];
    sio_letter_head head = sio_letter_begin(SIO_LETTER_REFUSE);
    play_old();
    is_refused(SIO_EADDRINUSE, "has closed the connection");
    head.version = 7; /* of a later one the sentence is read all the same */
    memcpy(text, &head, sizeof(head));
    memcpy(text + sizeof(head), "not now", 7);
    answer = text;
    answer_len = sizeof(head) + 7;
    is_refused(SIO_EADDRINUSE, "the old process says: not now");
    head = sio_letter_begin(SIO_LETTER_SOCKETS); /* without any */
    memcpy(text, &head, sizeof(head));
    answer_len = sizeof(head);
    is_refused(SIO_EPARSE, "another protocol");
    head = sio_letter_begin(SIO_LETTER_READY);
    memcpy(text, &head, sizeof(head));
    is_refused(SIO_EPARSE, "nonsense");
    answer = "garbage";
    answer_len = 7;
    is_refused(SIO_EPARSE, "another protocol");
    close(old);
}

static void silence_ends_in_time(void **state)
{
    (void)state;
    sio_handover_options hasty = options;
    hasty.timeout_ms = 50;
    play_old();
    assert_int_equal(sio_server_handover(server, &hasty), SIO_ETIMEOUT);
    is_served(sio_server_port(server));
    close(old);
    assert_int_equal(sio_server_handover(server, &options), 0); /* a file that nobody listens at */
}

/* Descriptors that are not what they are said to be are not kept. */
static void send_wrong_sockets(void)
{
    const int fd = accept(old, NULL, NULL);
    sio_letter_socket sockets[2] = { { .path = "" }, { .is_door = 1, .path = "/nowhere" } };
    const int both[2] = { old, fd };
    (void)sio_courier_get(fd, &letter, room, fds, &count);
    sockets[0].is_door = answer != NULL;
    (void)sio_courier_put(fd, SIO_LETTER_SOCKETS, (sio_str){ (char *)sockets, sizeof(sockets) },
                          both, 2);
}

static size_t open_descriptors(void)
{
    size_t found = 0;
    for (int fd = 0; fd < 1024; fd++)
        found += fcntl(fd, F_GETFD) >= 0;
    return found;
}

static void wrong_sockets_change_nothing(void **state)
{
    (void)state;
    play_old();
    const size_t before = open_descriptors();
    for (int i = 0; i < 2; i++) {
        answer = i ? "two doors" : NULL;
        const pid_t child = fork();
        if (child == 0) {
            send_wrong_sockets();
            _exit(0);
        }
        const int err = sio_server_handover(server, &options);
        assert_true(err == SIO_EINVAL || err == SIO_EPARSE);
        assert_int_equal(waitpid(child, NULL, 0), child);
        turn(NULL);
        assert_int_equal(open_descriptors(), before);
    }
    is_served(sio_server_port(server));
    close(old);
}

static void answer_as_a_stranger(void)
{
    if (setuid(65534))
        _exit(1);
    listen(old, 1); /* from now on it is that user's */
    (void)accept(old, NULL, NULL);
    pause();
}

static void strangers_are_not_believed(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    play_old();
    const pid_t child = fork();
    if (child == 0)
        answer_as_a_stranger();
    struct ucred peer = { .uid = 0 };
    while (peer.uid == 0) { /* until it has listened */
        socklen_t len = sizeof(peer);
        assert_int_equal(getsockopt(old, SOL_SOCKET, SO_PEERCRED, &peer, &len), 0);
    }
    assert_int_equal(sio_server_handover(server, &options), SIO_EACCESS);
    assert_non_null(strstr(said, "of another user"));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    is_served(sio_server_port(server));
    close(old);
}

/* ---- options ---- */

static void options_are_checked(void **state)
{
    (void)state;
    char longer[120];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    const sio_handover_options bad[] = { { .path = NULL },
                                         { .path = "" },
                                         { .path = longer },
                                         { .path = path, .drain.keep_listening = true },
                                         { .path = path, .drain.jitter = 101 } };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(sio_server_handover(server, &bad[i]), SIO_EINVAL);
    assert_int_equal(
        sio_server_handover(server, &(sio_handover_options){ .path = "/nowhere/at/all" }),
        SIO_ENOTFOUND);
    assert_int_equal(sio_server_handover(server, &(sio_handover_options){ .path = folder }),
                     SIO_EEXISTS);
    sio_server_close(server);
    assert_int_equal(sio_server_handover(server, &options), SIO_ECLOSED);
}

#define HANDOVER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HANDOVER(gives_all_sockets),
        HANDOVER(who_dies_before_it_serves_changes_nothing),
        HANDOVER(one_at_a_time),
        HANDOVER(one_that_ends_itself_early),
        HANDOVER(nonsense_is_refused),
        HANDOVER(strangers_get_nothing),
        HANDOVER(bad_answers_change_nothing),
        HANDOVER(silence_ends_in_time),
        HANDOVER(wrong_sockets_change_nothing),
        HANDOVER(strangers_are_not_believed),
        HANDOVER(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
