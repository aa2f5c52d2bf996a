#include <errno.h>
#include <stdlib.h>

#include "command_line.h"

#define TIMEOUT_MAX_MS 3600000

typedef struct option {
    const char *name;
    int (*set)(emit_command_line *line, const char *value);
    bool takes_value;
} option;

static int set_help(emit_command_line *line, const char *value)
{
    (void)value;
    line->task = EMIT_HELP;
    return 0;
}

static int set_version(emit_command_line *line, const char *value)
{
    (void)value;
    line->task = EMIT_VERSION;
    return 0;
}

static int set_redis(emit_command_line *line, const char *value)
{
    line->options.redis = value;
    return 0;
}

static int set_key(emit_command_line *line, const char *value)
{
    line->options.key = value;
    return 0;
}

static int set_nsp(emit_command_line *line, const char *value)
{
    line->target.nsp = value;
    return 0;
}

static int add_room(emit_command_line *line, const char *value)
{
    line->rooms[line->rooms_count++] = value;
    line->target.rooms = line->rooms;
    return 0;
}

static int add_except(emit_command_line *line, const char *value)
{
    line->except[line->except_count++] = value;
    line->target.except = line->except;
    return 0;
}

static int set_volatile(emit_command_line *line, const char *value)
{
    (void)value;
    line->target.flags |= SIO_EMITTER_VOLATILE;
    return 0;
}

static int set_timeout(emit_command_line *line, const char *value)
{
    char *end;

    errno = 0;
    long ms = strtol(value, &end, 10);
    if (errno || end == value || *end || ms < 1 || ms > TIMEOUT_MAX_MS)
        return emit_fail(&line->error, SIO_EINVAL,
                         "--timeout takes 1 to %d milliseconds, not \"%s\"", TIMEOUT_MAX_MS, value);
    line->options.timeout_ms = (uint32_t)ms;
    return 0;
}

static sio_value *next_argument(emit_command_line *line)
{
    return &line->arguments[line->arguments_count++];
}

static int add_text(emit_command_line *line, const char *value)
{
    return emit_argument_text(next_argument(line), value, &line->error);
}

static int add_file(emit_command_line *line, const char *value)
{
    return emit_argument_file(&line->arena, next_argument(line), value, &line->error);
}

static int add_stdin(emit_command_line *line, const char *value)
{
    (void)value;
    if (line->stdin_taken)
        return emit_fail(&line->error, SIO_EINVAL, "standard input can be sent only once");
    line->stdin_taken = true;
    return emit_argument_file(&line->arena, next_argument(line), NULL, &line->error);
}

static const option options[] = {
    { "--except", add_except, true },    { "--file", add_file, true },
    { "--help", set_help, false },       { "--key", set_key, true },
    { "--nsp", set_nsp, true },          { "--redis", set_redis, true },
    { "--room", add_room, true },        { "--stdin", add_stdin, false },
    { "--text", add_text, true },        { "--timeout", set_timeout, true },
    { "--version", set_version, false }, { "--volatile", set_volatile, false },
    { "-", add_stdin, false },           { "-h", set_help, false },
};

static const option *find_option(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strlen(options[i].name) == len && memcmp(options[i].name, word, len) == 0)
            return &options[i];
    return NULL;
}

/* `rest` are the words that follow; returns how many of them were used, or an error. */
static int read_option(emit_command_line *line, char **rest)
{
    const char *word = rest[-1], *value = strchr(word, '=');
    const option *found = find_option(word, value ? (size_t)(value - word) : strlen(word));
    int used = 0;

    if (!found)
        return emit_fail(&line->error, SIO_EINVAL,
                         "there is no option %s; what is no option but begins with - goes after --",
                         word);
    if (value && !found->takes_value)
        return emit_fail(&line->error, SIO_EINVAL, "%s takes no value", found->name);
    if (value)
        value++;
    else if (found->takes_value && (value = *rest))
        used = 1;
    if (found->takes_value && !value)
        return emit_fail(&line->error, SIO_EINVAL, "%s needs a value", found->name);
    int err = found->set(line, value);
    return err ? err : used;
}

static int read_word(emit_command_line *line, const char *word)
{
    if (!line->event) {
        line->event = word;
        return 0;
    }
    return emit_argument_guess(&line->arena, next_argument(line), word, &line->error);
}

/* -5 and -.5 are numbers. */
static bool is_option(const char *word)
{
    return word[0] == '-' && !strchr("0123456789.", word[1] ? word[1] : '-');
}

static int read_words(emit_command_line *line, char **words)
{
    bool options_ended = false;

    while (*words && line->task == EMIT_SEND) {
        const char *word = *words++;
        int used = 0;

        if (!options_ended && strcmp(word, "--") == 0)
            options_ended = true;
        else if (!options_ended && is_option(word))
            used = read_option(line, words);
        else
            used = read_word(line, word);
        if (used < 0)
            return used;
        words += used;
    }
    return 0;
}

/* Each list could have all the words, and its NULL. */
static int reserve(emit_command_line *line, int argc)
{
    size_t words = (size_t)argc + 1;

    line->rooms = sio_arena_alloc(&line->arena, words * sizeof *line->rooms);
    line->except = sio_arena_alloc(&line->arena, words * sizeof *line->except);
    line->arguments = sio_arena_alloc(&line->arena, words * sizeof *line->arguments);
    if (!line->rooms || !line->except || !line->arguments)
        return emit_fail(&line->error, SIO_ENOMEM, "out of memory");
    return 0;
}

int emit_command_line_read(emit_command_line *line, int argc, char **argv)
{
    int err = reserve(line, argc);

    if (!err)
        err = read_words(line, argc > 0 ? argv + 1 : argv);
    if (err)
        return err;
    line->rooms[line->rooms_count] = NULL;
    line->except[line->except_count] = NULL;
    if (line->task == EMIT_SEND && !line->event)
        return emit_fail(&line->error, SIO_EINVAL, "which event? See sio-emit --help");
    return 0;
}

void emit_command_line_free(emit_command_line *line)
{
    sio_arena_free(&line->arena);
}
