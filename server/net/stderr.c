/* Lines of the log to standard error, which may be a pipe that nobody reads, or a full disk. */
#include <sio/log.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* Lines that could not be written since the last that could; of all servers of the process. */
static atomic_ulong lost;

/* What says that it takes something takes PIPE_BUF bytes at once, and none of them waits. */
static bool write_now(const char *at, size_t len)
{
    while (len > 0) {
        struct pollfd output = { .fd = STDERR_FILENO, .events = POLLOUT };
        if (poll(&output, 1, 0) != 1 || !(output.revents & POLLOUT))
            return false;
        const ssize_t count = write(STDERR_FILENO, at, len < PIPE_BUF ? len : PIPE_BUF);
        if (count == 0 || (count < 0 && errno != EINTR))
            return false;
        at += count > 0 ? count : 0;
        len -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

static bool write_record(const sio_log_record *record)
{
    char line[SIO_LOG_LINE_SIZE];
    return write_now(line, sio_log_line(line, record->format, record));
}

static bool tell_loss(const sio_log_record *now, unsigned long count)
{
    char text[48];
    const sio_log_record record = { .time_us = now->time_us,
                                    .level = SIO_LOG_WARN,
                                    .category = SIO_LOG_SERVER,
                                    .text = text,
                                    .format = now->format };
    snprintf(text, sizeof(text), "%lu lines were lost", count);
    return write_record(&record);
}

void sio_log_stderr(sio_server *server, const sio_log_record *record, void *data)
{
    const int cause = errno;
    (void)server, (void)data;
    const unsigned long before = atomic_exchange(&lost, 0);
    if ((before && !tell_loss(record, before)) || !write_record(record))
        atomic_fetch_add(&lost, before + 1);
    errno = cause;
}
