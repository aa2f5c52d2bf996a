#include "command_line.h"

static int read_word(emit_command_line *line, const char *word)
{
    if (!line->event) {
        line->event = word;
        return 0;
    }
    sio_value *argument = emit_next_argument(line);

    return emit_argument_guess(&line->arena, argument, word, line->arguments_count, &line->error);
}

/* -5 and -.5 are numbers. */
static bool is_option(const char *word)
{
    return word[0] == '-' && !strchr("0123456789.", word[1] ? word[1] : '-');
}

static int read_words(emit_command_line *line, char **words)
{
    bool options_ended = false;

    while (*words && line->task != EMIT_HELP && line->task != EMIT_VERSION) {
        const char *word = *words++;
        int used = 0;

        if (!options_ended && strcmp(word, "--") == 0)
            options_ended = true;
        else if (!options_ended && is_option(word))
            used = emit_option_read(line, words);
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
    line->moves = sio_arena_alloc(&line->arena, words * sizeof *line->moves);
    line->arguments = sio_arena_alloc(&line->arena, words * sizeof *line->arguments);
    if (!line->rooms || !line->except || !line->moves || !line->arguments)
        return emit_fail(&line->error, SIO_ENOMEM, "out of memory");
    return 0;
}

/* What was asked for beside what cannot be had with it is a mistake, and nothing is sent. */
static int check(emit_command_line *line)
{
    bool event = line->event || line->arguments_count > 0;

    if (line->task == EMIT_HELP || line->task == EMIT_VERSION)
        return 0;
    if (line->task == EMIT_SEND && !line->event)
        return emit_fail(&line->error, SIO_EINVAL, "which event? See sio-emit --help");
    if (line->event && !*line->event)
        return emit_fail(&line->error, SIO_EINVAL, "EVENT is empty; is a variable not set?");
    if (line->options.stream && line->options.adapter != SIO_EMITTER_STREAMS)
        return emit_fail(&line->error, SIO_EINVAL, "--stream belongs to --adapter streams");
    if (line->task != EMIT_SEND && event)
        return emit_fail(&line->error, SIO_EINVAL, "an event is sent, or something else done: %s",
                         "not both at once");
    if (line->task != EMIT_SEND && (line->ack || line->to_servers))
        return emit_fail(&line->error, SIO_EINVAL, "--ack and --server-side belong to an event");
    if (line->to_servers && (line->rooms_count || line->except_count || line->target.flags))
        return emit_fail(&line->error, SIO_EINVAL,
                         "--server-side reaches all servers: no --room, --except, --volatile, "
                         "--uncompressed");
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
    line->moves[line->moves_count] = NULL;
    return check(line);
}

void emit_command_line_free(emit_command_line *line)
{
    sio_arena_free(&line->arena);
}
