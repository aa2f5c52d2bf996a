/* sio-emit: one event to the clients of a cluster, from a shell or a cron job. */
#include <stdio.h>
#include <stdlib.h>

#include <sio/version.h>

#include "command_line.h"

enum {
    EXIT_SENT = 0,
    EXIT_NOBODY = 1,
    EXIT_USAGE = 2,
    EXIT_REDIS = 3,
    EXIT_TIMED_OUT = 4,
    EXIT_MEMORY = 5
};

static const char help[] =
    "sio-emit [OPTION]... EVENT [ARGUMENT]...\n"
    "Sends an event to the clients of a Socket.IO cluster, through its Redis.\n"
    "\n"
    "  sio-emit news '{\"title\":\"Hello\"}'            to everyone\n"
    "  sio-emit --room ops alarm \"disk full\" 93       to a room, text and number\n"
    "  sio-emit --nsp /cam frame - <frame.jpg         to a namespace, bytes\n"
    "\n"
    "To whom\n"
    "  --nsp NSP         the namespace; / unless given\n"
    "  --room ROOM       clients in that room only; may be given again for more rooms\n"
    "  --except ROOM     but nobody in that room; may be given again\n"
    "  --volatile        clients that cannot take it right now may lose it\n"
    "\n"
    "Arguments, sent in the order in which they stand\n"
    "  ARGUMENT          what is JSON is sent as JSON: {\"a\":1} [1,2] \"quoted\" 5 -1.5 true "
    "null;\n"
    "                    what begins with { [ or \" but is not JSON is an error;\n"
    "                    all else is text: hello, 007, 10:30\n"
    "  --text STRING     text, whatever it looks like\n"
    "  --file PATH       the bytes of a file, at most 32 MB; arrives as binary\n"
    "  --stdin, -        the same of standard input, to its end\n"
    "  --                what follows is EVENT or ARGUMENT even if it begins with -\n"
    "\n"
    "Redis\n"
    "  --redis URL       redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], unix:PATH, or\n"
    "                    redis+sentinel://HOST[:PORT],HOST[:PORT]/MASTER; rediss: with TLS;\n"
    "                    unless given, the environment variable SIO_REDIS, else\n"
    "                    redis://127.0.0.1:6379. A password is better kept in SIO_REDIS or in a\n"
    "                    file (redis://USER@HOST?password_file=PATH): others can see command "
    "lines\n"
    "  --key PREFIX      the adapter's key; socket.io unless given\n"
    "  --timeout MS      for connecting, and for each command; 5000 unless given\n"
    "\n"
    "  --help, --version\n"
    "\n"
    "Exit status\n"
    "  0  sent, and at least one server was listening\n"
    "  1  sent, but no server was listening\n"
    "  2  nothing sent: the command line, an argument or a file is wrong\n"
    "  3  Redis cannot be reached, refuses the password, or fails\n"
    "  4  timed out: Redis may have got it or not\n"
    "  5  out of memory\n";

static int exit_status(int result)
{
    switch (result) {
    case SIO_ETIMEOUT:
        return EXIT_TIMED_OUT;
    case SIO_ENOMEM:
        return EXIT_MEMORY;
    case SIO_ECONNECT:
    case SIO_EAUTH:
    case SIO_EREDIS:
        return EXIT_REDIS;
    default:
        return EXIT_USAGE;
    }
}

static const char *advice(int err)
{
    switch (err) {
    case SIO_ECONNECT:
        return "; is Redis running there? --redis or SIO_REDIS says where it is";
    case SIO_EAUTH:
        return "; user and password belong in the URL: redis://USER:PASSWORD@HOST, or "
               "redis://USER@HOST?password_file=PATH";
    case SIO_ETIMEOUT:
        return "; --timeout sets how long to wait";
    default:
        return "";
    }
}

static int complain(int err, const char *text)
{
    (void)fprintf(stderr, "sio-emit: %s%s\n", text, advice(err));
    return exit_status(err);
}

static int report(const emit_command_line *line, int receivers)
{
    if (receivers > 0)
        return EXIT_SENT;
    (void)fprintf(
        stderr,
        "sio-emit: sent, but no server was listening to namespace %s; are servers running "
        "with this Redis and the key \"%s\"?\n",
        line->target.nsp ? line->target.nsp : "/",
        line->options.key ? line->options.key : "socket.io");
    return EXIT_NOBODY;
}

static int send_event(const emit_command_line *line)
{
    sio_value arguments = sio_value_of_array(line->arguments, line->arguments_count);
    sio_emitter *emitter;
    int result = sio_emitter_new(&emitter, &line->options);

    if (!result)
        result = sio_emitter_emit(emitter, &line->target, line->event, "V", &arguments);
    result = result < 0 ? complain(result, sio_emitter_error(emitter)) : report(line, result);
    sio_emitter_free(emitter);
    return result;
}

static int run(emit_command_line *line, int argc, char **argv)
{
    int err = emit_command_line_read(line, argc, argv);

    if (err)
        return complain(err, line->error.text);
    if (line->task == EMIT_SEND)
        return send_event(line);
    if (line->task == EMIT_HELP)
        (void)fputs(help, stdout);
    else
        (void)printf("sio-emit %s\n", sio_version_string());
    return fflush(stdout) ? EXIT_USAGE : EXIT_SENT;
}

int main(int argc, char **argv)
{
    const char *redis = getenv("SIO_REDIS");
    emit_command_line line = { .options.redis = redis && *redis ? redis : NULL };
    int status = run(&line, argc, argv);

    emit_command_line_free(&line);
    return status;
}
