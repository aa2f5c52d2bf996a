/* A Redis that misbehaves: a script, played by a child. */
#ifndef SIO_TESTS_FAKE_REDIS_H
#define SIO_TESTS_FAKE_REDIS_H

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static char fake_path[64]; /* where it listens */

typedef struct step {
    enum { ACCEPT, EXPECT, ANSWER, FLOOD, DEAFEN, HANG_UP } what;
    const char *text;
} step;

static inline void expect(int fd, const char *text)
{
    char heard[1024] = "";
    size_t len = 0;

    while (!memmem(heard, len, text, strlen(text))) { /* messages may hold a NUL */
        ssize_t count = read(fd, heard + len, sizeof heard - 1 - len);

        if (count <= 0)
            _exit(1);
        len += (size_t)count;
        heard[len] = '\0';
    }
}

static inline void flood(int fd)
{
    static char zeros[65536];

    while (send(fd, zeros, sizeof zeros, MSG_NOSIGNAL) > 0)
        ;
}

static inline void play(int listener, const step *steps, size_t count)
{
    int fd = -1;

    for (size_t i = 0; i < count; i++)
        switch (steps[i].what) {
        case ACCEPT:
            fd = accept(listener, NULL, NULL);
            break;
        case EXPECT:
            expect(fd, steps[i].text);
            break;
        case ANSWER:
            if (write(fd, steps[i].text, strlen(steps[i].text)) < 0)
                _exit(1);
            break;
        case FLOOD:
            flood(fd);
            break;
        case DEAFEN:
            shutdown(fd, SHUT_RD);
            break;
        case HANG_UP:
            close(fd);
            break;
        }
    pause();
}

static inline pid_t fake_redis(const step *steps, size_t count)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    unlink(fake_path);
    memcpy(address.sun_path, fake_path, sizeof fake_path);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 5), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        play(listener, steps, count);
    close(listener);
    return pid;
}

#define FAKE_REDIS(...)                                                                            \
    fake_redis((step[]){ __VA_ARGS__ }, sizeof((step[]){ __VA_ARGS__ }) / sizeof(step))

static inline void end_fake(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

#endif
