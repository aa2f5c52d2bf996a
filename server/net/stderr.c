/* Lines of the log to standard error. */
#include <sio/log.h>

#include <errno.h>
#include <unistd.h>

/* Nothing is done about what fails: a log that cannot be written has nowhere to say so. */
void sio_log_stderr(sio_server *server, const sio_log_record *record, void *data)
{
    char line[SIO_LOG_LINE_SIZE];
    const size_t len = sio_log_line(line, record->format, record);
    (void)server, (void)data;
    while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
        continue;
}
