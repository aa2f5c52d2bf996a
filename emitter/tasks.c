#include <stdio.h>
#include <stdlib.h>

#include "tasks.h"

static int exit_status(int err, int unsure)
{
    if (unsure)
        return EXIT_DOUBT;
    switch (err) {
    case SIO_ENOMEM:
        return EXIT_MEMORY;
    case SIO_ETIMEOUT:
    case SIO_ECONNECT:
    case SIO_EAUTH:
    case SIO_EREDIS:
        return EXIT_REDIS;
    default:
        return EXIT_USAGE;
    }
}

static const char *advice(int err, int unsure)
{
    switch (err) {
    case SIO_ECONNECT:
        return unsure ? "; it may have been sent, or not"
                      : "; is Redis running there? --redis or SIO_REDIS says where it is, --retry "
                        "how long to try";
    case SIO_EAUTH:
        return "; user and password belong in the URL: redis://USER:PASSWORD@HOST, or "
               "redis://USER@HOST?password_file=PATH";
    case SIO_ETIMEOUT:
        return "; --timeout sets how long to wait";
    default:
        return "";
    }
}

int emit_complain(int err, int unsure, const char *text)
{
    (void)fprintf(stderr, "sio-emit: %s%s\n", text, advice(err, unsure));
    return exit_status(err, unsure);
}

static int nobody(const emit_command_line *line, const char *done)
{
    const sio_emitter_options *options = &line->options;
    const char *stream = options->stream; /* only streams may have one */
    const char *key = options->key ? options->key : "socket.io";

    (void)fprintf(stderr,
                  "sio-emit: %s, but no server was listening to namespace %s; are servers running "
                  "with this Redis, the %s adapter (--adapter) and the %s \"%s\"?\n",
                  done, line->target.nsp ? line->target.nsp : "/",
                  emit_adapter_name(options->adapter), stream ? "stream" : "key",
                  stream ? stream : key);
    return EXIT_NOBODY;
}

/* ---- what is only said ---- */

static int say(const emit_command_line *line, sio_emitter *emitter)
{
    sio_value arguments = sio_value_of_array(line->arguments, line->arguments_count);
    const char *const *moves = line->moves;

    switch (line->task) {
    case EMIT_JOIN:
        return sio_emitter_sockets_join(emitter, &line->target, moves);
    case EMIT_LEAVE:
        return sio_emitter_sockets_leave(emitter, &line->target, moves);
    case EMIT_DISCONNECT:
        return sio_emitter_disconnect_sockets(emitter, &line->target, line->close);
    default:
        if (line->to_servers)
            return sio_emitter_server_side_emit(emitter, line->target.nsp, line->event, "V",
                                                &arguments);
        return sio_emitter_emit(emitter, &line->target, line->event, "V", &arguments);
    }
}

/* ---- questions ---- */

static int ask(const emit_command_line *line, sio_emitter *emitter, sio_emitter_answers **out)
{
    sio_value arguments = sio_value_of_array(line->arguments, line->arguments_count);

    if (line->task == EMIT_FETCH)
        return sio_emitter_fetch_sockets(emitter, &line->target, 0, out);
    if (line->task == EMIT_COUNT)
        return sio_emitter_count(emitter, &line->target, 0, out);
    if (line->to_servers)
        return sio_emitter_server_side_emit_ack(emitter, line->target.nsp, 0, out, line->event, "V",
                                                &arguments);
    return sio_emitter_emit_ack(emitter, &line->target, 0, out, line->event, "V", &arguments);
}

static sio_value entry_name(const char *name)
{
    return sio_value_of_string(sio_str_from(name));
}

static int write_answers(const emit_command_line *line, const sio_emitter_answers *answers)
{
    sio_value items[8];
    size_t count = 0;
    sio_buf text = { 0 };

    items[count++] = entry_name("nodes");
    items[count++] = sio_value_of_int(answers->nodes);
    items[count++] = entry_name("missingNodes");
    items[count++] = sio_value_of_int(answers->missing_nodes);
    if (line->task == EMIT_COUNT || (line->task == EMIT_SEND && !line->to_servers)) {
        items[count++] = entry_name("clients");
        items[count++] = sio_value_of_int((int64_t)answers->clients);
    }
    if (line->task != EMIT_COUNT) {
        items[count++] = entry_name(line->task == EMIT_FETCH ? "sockets" : "answers");
        items[count++] = *answers->values;
    }
    const sio_value map = sio_value_of_map(items, count / 2);
    int err = sio_json_write(&text, &map, NULL);
    sio_buf_byte(&text, '\n');
    err = err ? err : text.err;
    if (!err && (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout)))
        err = SIO_ESYSTEM;
    sio_buf_free(&text);
    return err;
}

static int question(const emit_command_line *line, sio_emitter *emitter)
{
    sio_emitter_answers *answers;
    int err = ask(line, emitter, &answers);
    int failed = answers ? write_answers(line, answers) : 0;
    const uint32_t nodes = answers ? answers->nodes : 0;

    sio_emitter_answers_free(answers);
    if (err)
        return emit_complain(err, sio_emitter_unsure(emitter), sio_emitter_error(emitter));
    if (failed)
        return emit_complain(failed, 1, "the answer cannot be written");
    return nodes > 0 ? EXIT_SENT : nobody(line, "asked");
}

int emit_do(const emit_command_line *line, sio_emitter *emitter)
{
    if (line->task == EMIT_LINES)
        return emit_lines(line, emitter);
    if (line->ack || line->task == EMIT_FETCH || line->task == EMIT_COUNT)
        return question(line, emitter);
    int result = say(line, emitter);
    if (result < 0)
        return emit_complain(result, sio_emitter_unsure(emitter), sio_emitter_error(emitter));
    return result > 0 ? EXIT_SENT : nobody(line, "sent");
}
