/* The options of sio-emit. */
#include <errno.h>
#include <stdlib.h>

#include "command_line.h"

#define MS_MAX 86400000

typedef enum value_rule { NO_VALUE, VALUE, MAYBE_VALUE } value_rule;

typedef struct option {
    const char *name;
    int (*set)(emit_command_line *line, const char *value); /* NULL: none was given */
    value_rule rule;
} option;

/* ---- what is to be done ---- */

static const char *name_of(emit_task task)
{
    static const char *const names[] = { "",        "--stdin", "--join", "--leave",  "--disconnect",
                                         "--fetch", "--count", "--help", "--version" };
    return names[task];
}

static int set_task(emit_command_line *line, emit_task task)
{
    bool first = line->task == EMIT_SEND || line->task == task;

    if (!first && task != EMIT_HELP && task != EMIT_VERSION)
        return emit_fail(&line->error, SIO_EINVAL, "%s and %s do not go together",
                         name_of(line->task), name_of(task));
    line->task = task;
    return 0;
}

static int set_help(emit_command_line *line, const char *value)
{
    (void)value;
    return set_task(line, EMIT_HELP);
}

static int set_version(emit_command_line *line, const char *value)
{
    (void)value;
    return set_task(line, EMIT_VERSION);
}

/* Most likely a variable of the shell that is not set, and the receivers would be wrong ones. */
static int refuse_empty(emit_command_line *line, const char *what, const char *value)
{
    if (*value)
        return 0;
    return emit_fail(&line->error, SIO_EINVAL, "%s is empty; is a variable not set?", what);
}

static int add_move(emit_command_line *line, emit_task task, const char *room)
{
    int err = refuse_empty(line, name_of(task), room);

    line->moves[line->moves_count++] = room;
    return err ? err : set_task(line, task);
}

static int add_join(emit_command_line *line, const char *value)
{
    return add_move(line, EMIT_JOIN, value);
}

static int add_leave(emit_command_line *line, const char *value)
{
    return add_move(line, EMIT_LEAVE, value);
}

static int set_disconnect(emit_command_line *line, const char *value)
{
    if (value && strcmp(value, "close") != 0)
        return emit_fail(&line->error, SIO_EINVAL,
                         "--disconnect leaves the namespace, --disconnect=close the server");
    line->close = value != NULL;
    return set_task(line, EMIT_DISCONNECT);
}

static int set_fetch(emit_command_line *line, const char *value)
{
    (void)value;
    return set_task(line, EMIT_FETCH);
}

static int set_count(emit_command_line *line, const char *value)
{
    (void)value;
    return set_task(line, EMIT_COUNT);
}

static int set_lines(emit_command_line *line, const char *value)
{
    (void)value;
    return set_task(line, EMIT_LINES);
}

static int set_servers(emit_command_line *line, const char *value)
{
    (void)value;
    line->to_servers = true;
    return 0;
}

static int set_ack(emit_command_line *line, const char *value)
{
    (void)value;
    line->ack = true;
    return 0;
}

/* ---- where, and to whom ---- */

static const char *const adapters[] = { "classic", "sharded", "streams" };

const char *emit_adapter_name(sio_emitter_adapter adapter)
{
    return adapters[adapter];
}

static int set_adapter(emit_command_line *line, const char *value)
{
    for (size_t i = 0; i < sizeof adapters / sizeof *adapters; i++)
        if (strcmp(value, adapters[i]) == 0) {
            line->options.adapter = (sio_emitter_adapter)i;
            return 0;
        }
    return emit_fail(&line->error, SIO_EINVAL,
                     "--adapter is classic, sharded or streams, not \"%s\"", value);
}

static int set_stream(emit_command_line *line, const char *value)
{
    line->options.stream = value;
    return refuse_empty(line, "--stream", value);
}

static int set_redis(emit_command_line *line, const char *value)
{
    line->options.redis = value;
    return 0;
}

static int set_key(emit_command_line *line, const char *value)
{
    line->options.key = value;
    return refuse_empty(line, "--key", value);
}

static int set_nsp(emit_command_line *line, const char *value)
{
    line->target.nsp = value;
    return refuse_empty(line, "--nsp", value);
}

static int add_room(emit_command_line *line, const char *value)
{
    line->rooms[line->rooms_count++] = value;
    line->target.rooms = line->rooms;
    return refuse_empty(line, "--room", value);
}

static int add_except(emit_command_line *line, const char *value)
{
    line->except[line->except_count++] = value;
    line->target.except = line->except;
    return refuse_empty(line, "--except", value);
}

static int set_volatile(emit_command_line *line, const char *value)
{
    (void)value;
    line->target.flags |= SIO_EMITTER_VOLATILE;
    return 0;
}

static int set_uncompressed(emit_command_line *line, const char *value)
{
    (void)value;
    line->target.flags |= SIO_EMITTER_UNCOMPRESSED;
    return 0;
}

static int read_ms(emit_command_line *line, const char *name, const char *value, uint32_t *out)
{
    char *end;

    errno = 0;
    long ms = strtol(value, &end, 10);
    if (errno || end == value || *end || ms < 1 || ms > MS_MAX)
        return emit_fail(&line->error, SIO_EINVAL, "%s takes 1 to %d milliseconds, not \"%s\"",
                         name, MS_MAX, value);
    *out = (uint32_t)ms;
    return 0;
}

static int set_timeout(emit_command_line *line, const char *value)
{
    return read_ms(line, "--timeout", value, &line->options.timeout_ms);
}

static int set_retry(emit_command_line *line, const char *value)
{
    return read_ms(line, "--retry", value, &line->options.retry_ms);
}

/* ---- arguments ---- */

sio_value *emit_next_argument(emit_command_line *line)
{
    return &line->arguments[line->arguments_count++];
}

static int add_text(emit_command_line *line, const char *value)
{
    sio_value *argument = emit_next_argument(line);

    return emit_argument_text(argument, value, line->arguments_count, &line->error);
}

static int add_file(emit_command_line *line, const char *value)
{
    return emit_argument_file(&line->arena, emit_next_argument(line), value, &line->error);
}

static int add_stdin(emit_command_line *line, const char *value)
{
    (void)value;
    if (line->stdin_taken)
        return emit_fail(&line->error, SIO_EINVAL, "standard input can be sent only once");
    line->stdin_taken = true;
    return emit_argument_file(&line->arena, emit_next_argument(line), NULL, &line->error);
}

static const option options[] = {
    { "--ack", set_ack, NO_VALUE },
    { "--adapter", set_adapter, VALUE },
    { "--count", set_count, NO_VALUE },
    { "--disconnect", set_disconnect, MAYBE_VALUE },
    { "--except", add_except, VALUE },
    { "--fetch", set_fetch, NO_VALUE },
    { "--file", add_file, VALUE },
    { "--help", set_help, NO_VALUE },
    { "--join", add_join, VALUE },
    { "--key", set_key, VALUE },
    { "--leave", add_leave, VALUE },
    { "--nsp", set_nsp, VALUE },
    { "--redis", set_redis, VALUE },
    { "--retry", set_retry, VALUE },
    { "--room", add_room, VALUE },
    { "--server-side", set_servers, NO_VALUE },
    { "--stdin", set_lines, NO_VALUE },
    { "--stream", set_stream, VALUE },
    { "--text", add_text, VALUE },
    { "--timeout", set_timeout, VALUE },
    { "--uncompressed", set_uncompressed, NO_VALUE },
    { "--version", set_version, NO_VALUE },
    { "--volatile", set_volatile, NO_VALUE },
    { "-", add_stdin, NO_VALUE },
    { "-h", set_help, NO_VALUE },
};

static const option *find_option(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strlen(options[i].name) == len && memcmp(options[i].name, word, len) == 0)
            return &options[i];
    return NULL;
}

int emit_option_read(emit_command_line *line, char **rest)
{
    const char *word = rest[-1], *value = strchr(word, '=');
    const option *found = find_option(word, value ? (size_t)(value - word) : strlen(word));
    int used = 0;

    if (!found)
        return emit_fail(&line->error, SIO_EINVAL,
                         "there is no option %s; what is no option but begins with - goes after --",
                         word);
    if (value && found->rule == NO_VALUE)
        return emit_fail(&line->error, SIO_EINVAL, "%s takes no value", found->name);
    if (value)
        value++;
    else if (found->rule == VALUE && (value = *rest))
        used = 1;
    if (found->rule == VALUE && !value)
        return emit_fail(&line->error, SIO_EINVAL, "%s needs a value", found->name);
    int err = found->set(line, value);
    return err ? err : used;
}
