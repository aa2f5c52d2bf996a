#include "redis_process.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "free_port.h"

#define ATTEMPTS 5

int redis_process_hold_port(int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

#define MOST_ARGUMENTS 40

static size_t list_arguments(const redis_process *redis, const char *port, const char **words)
{
    bool tls = redis->extra && strcmp(redis->extra[0], "--tls-cert-file") == 0;
    const char *const usual[] = {
        tls ? "--tls-port" : "--port",
        port,
        "--bind",
        "127.0.0.1",
        "--unixsocket",
        redis->socket,
        "--dir",
        redis->folder,
        "--save",
        "",
        "--appendonly",
        "no",
        "--requirepass",
        redis->password ? redis->password : "",
    };
    size_t count = 0;
    words[count++] = "redis-server";
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        words[count++] = usual[i];
    for (const char *const *more = redis->extra; more && *more; more++)
        words[count++] = *more;
    assert_true(count < MOST_ARGUMENTS);
    words[count] = NULL;
    return count;
}

static void run_server(const redis_process *redis, int out)
{
    const char *words[MOST_ARGUMENTS] = { "redis-server", redis->config, "--sentinel" };
    char port[16];
    snprintf(port, sizeof port, "%d", redis->port);
    if (!*redis->config)
        list_arguments(redis, port, words);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(words[0], (char *const *)(uintptr_t)words);
    perror("redis-server");
    _exit(127);
}

/* Reads its log until it is ready; false when it ends before. */
static int wait_until_ready(int log)
{
    char text[16384];
    size_t len = 0;
    while (len < sizeof text - 1) {
        ssize_t got = read(log, text + len, sizeof text - 1 - len);
        if (got <= 0)
            return 0;
        len += (size_t)got;
        text[len] = '\0';
        /* Redis 7.0 says the one, later ones the other */
        if (strcasestr(text, "ready to accept connections at") ||
            strcasestr(text, "ready to accept connections unix") ||
            strcasestr(text, "ready to accept connections tls") || strstr(text, "+monitor master"))
            return 1;
    }
    return 0;
}

static int try_start(redis_process *redis)
{
    int log[2];
    assert_int_equal(pipe(log), 0);
    redis->pid = fork();
    assert_true(redis->pid >= 0);
    if (redis->pid == 0)
        run_server(redis, log[1]);
    close(log[1]);
    int ready = wait_until_ready(log[0]);
    close(log[0]);
    if (!ready)
        redis_process_kill(redis);
    return ready;
}

void redis_process_again(redis_process *redis)
{
    assert_true(try_start(redis));
}

/* On a free port; one that somebody takes meanwhile is left to him. */
static void start_anywhere(redis_process *redis, void (*prepare)(redis_process *redis))
{
    assert_non_null(mkdtemp(redis->folder));
    snprintf(redis->socket, sizeof redis->socket, "%s/redis.sock", redis->folder);
    for (int i = 0; i < ATTEMPTS; i++) {
        redis->port = free_port(&redis->claim);
        if (prepare)
            prepare(redis);
        if (try_start(redis))
            return;
        close(redis->claim);
    }
    fail_msg("redis-server does not start");
}

void redis_process_start(redis_process *redis, const char *password)
{
    *redis = (redis_process){ .folder = "/tmp/sio-redis-XXXXXX", .password = password };
    start_anywhere(redis, NULL);
}

void redis_process_start_with(redis_process *redis, const char *const *extra)
{
    *redis = (redis_process){ .folder = "/tmp/sio-redis-XXXXXX", .extra = extra };
    start_anywhere(redis, NULL);
}

static void configure_sentinel(redis_process *redis)
{
    snprintf(redis->config, sizeof redis->config, "%s/sentinel.conf", redis->folder);
    FILE *file = fopen(redis->config, "w");
    assert_non_null(file);
    fprintf(file,
            "port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor m 127.0.0.1 %d 1\n"
            "sentinel down-after-milliseconds m 2000\nsentinel failover-timeout m 3000\n",
            redis->port, redis->folder, redis->master_port);
    if (redis->password)
        fprintf(file, "requirepass %s\n", redis->password);
    assert_int_equal(fclose(file), 0);
}

void redis_process_start_sentinel(redis_process *redis, int master_port, const char *password)
{
    *redis = (redis_process){ .folder = "/tmp/sio-redis-XXXXXX",
                              .password = password,
                              .master_port = master_port };
    start_anywhere(redis, configure_sentinel);
}

void redis_process_kill(redis_process *redis)
{
    if (redis->pid == 0)
        return;
    kill(redis->pid, SIGKILL);
    waitpid(redis->pid, NULL, 0);
    redis->pid = 0;
}

void redis_process_end(redis_process *redis)
{
    redis_process_kill(redis);
    close(redis->claim);
    unlink(redis->socket);
    if (*redis->config)
        unlink(redis->config);
    rmdir(redis->folder);
}
