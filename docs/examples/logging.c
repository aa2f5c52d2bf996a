#include <stdio.h>
#include <stdlib.h>

#include "example.h"

/* [log] */
static void on_log(sio_server *io, sio_log_level level, sio_log_category category, const char *text,
                   void *data)
{
    (void)io, (void)data; /* the one callback that calls nothing of the server */
    fprintf(stderr, "%s %s: %s\n", sio_log_level_name(level), sio_log_category_name(category),
            text);
}
/* [end] */

/* [while-running] */
static void on_loud(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    sio_log_filter filter;
    int err = sio_log_filter_parse(&filter, sio_args_string(args, 0));
    if (!err)
        sio_server_log_filter(sio_socket_server(socket), &filter);
    sio_ack_send(ack, "b", err == 0);
}
/* [end] */

static int setup(sio_server *io)
{
    return sio_namespace_on(sio_server_of(io, "/"), "loud", on_loud, NULL);
}

int main(int argc, char **argv)
{
    /* [filter] */
    sio_server_options options = { .on_log = on_log };
    if (sio_log_filter_parse(&options.log, getenv("SIO_LOG"))) {
        fprintf(stderr, "SIO_LOG: no such category or level\n");
        return 2;
    }
    /* [end] */
    /* [machines] */
    options.on_log_record = sio_log_stderr;
    if (sio_log_format_parse(&options.log_format, getenv("SIO_LOG_FORMAT"))) {
        fprintf(stderr, "SIO_LOG_FORMAT: text, logfmt or json\n");
        return 2;
    }
    /* [end] */
    if (options.log_format == SIO_LOG_TEXT)
        options.on_log_record = NULL; /* on_log does it, in a form of its own */
    else
        options.on_log = NULL;
    return example_run(argc, argv, options, setup);
}
