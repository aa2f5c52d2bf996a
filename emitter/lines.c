/* sio-emit --stdin: one event a line. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sio/sys/limits.h>

#include "tasks.h"

#define READ_STEP 65536

typedef struct lines {
    const emit_command_line *options;
    sio_emitter *emitter;
    sio_arena arena; /* of one line */
    uint64_t number; /* of it, from 1 */
    uint64_t bad;
    sio_emitter_tally tally;
    bool skipping; /* a line that is too long, to its end */
    int err;       /* that ends it */
    emit_error error;
} lines;

/* ---- one line ---- */

static int wrong(lines *self, const char *what, const char *must)
{
    return emit_fail(&self->error, SIO_EINVAL, "\"%s\" must be %s", what, must);
}

/* Names have no NUL in them; an empty one would choose wrong receivers. */
static int read_text(lines *self, const char *what, const sio_value *value, const char **out)
{
    size_t len;
    const char *text = sio_value_string(value, &len);

    if (!text || strlen(text) != len)
        return wrong(self, what, "a text");
    if (len == 0)
        return emit_fail(&self->error, SIO_EINVAL, "\"%s\" is empty", what);
    *out = text;
    return 0;
}

/* One name, or an array of them. */
static int read_names(lines *self, const char *what, const sio_value *value,
                      const char *const **out)
{
    bool several = sio_value_type(value) == SIO_TYPE_ARRAY;
    size_t count = several ? sio_value_count(value) : 1;
    const char **names = sio_arena_alloc(&self->arena, (count + 1) * sizeof *names);

    if (!names)
        return emit_fail(&self->error, SIO_ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        int err = read_text(self, what, several ? sio_value_at(value, i) : value, &names[i]);
        if (err)
            return err;
    }
    names[count] = NULL;
    *out = names;
    return 0;
}

static int read_flag(lines *self, const char *what, const sio_value *value, unsigned flag,
                     bool when, unsigned *flags)
{
    if (sio_value_type(value) != SIO_TYPE_BOOL)
        return wrong(self, what, "true or false");
    *flags = sio_value_bool(value) == when ? *flags | flag : *flags & ~flag;
    return 0;
}

typedef struct event {
    const char *name;
    const sio_value *arguments;
    sio_emitter_target target;
} event;

static int read_field(lines *self, const char *key, const sio_value *value, event *out)
{
    sio_emitter_target *target = &out->target;

    if (strcmp(key, "event") == 0)
        return read_text(self, key, value, &out->name);
    if (strcmp(key, "nsp") == 0)
        return read_text(self, key, value, &target->nsp);
    if (strcmp(key, "room") == 0 || strcmp(key, "rooms") == 0)
        return read_names(self, key, value, &target->rooms);
    if (strcmp(key, "except") == 0)
        return read_names(self, key, value, &target->except);
    if (strcmp(key, "volatile") == 0)
        return read_flag(self, key, value, SIO_EMITTER_VOLATILE, true, &target->flags);
    if (strcmp(key, "compress") == 0)
        return read_flag(self, key, value, SIO_EMITTER_UNCOMPRESSED, false, &target->flags);
    if (strcmp(key, "args") != 0)
        return emit_fail(&self->error, SIO_EINVAL, "there is no \"%.40s\" in an event", key);
    out->arguments = value;
    return sio_value_type(value) == SIO_TYPE_ARRAY ? 0 : wrong(self, key, "an array");
}

static int read_event(lines *self, const sio_value *map, event *out)
{
    int err = sio_value_type(map) == SIO_TYPE_MAP
                  ? 0
                  : emit_fail(&self->error, SIO_EINVAL, "not a JSON object");

    for (size_t i = 0; i < (err ? 0 : sio_value_count(map)) && !err; i++) {
        const char *key = sio_value_string(sio_value_key(map, i), NULL);

        err = read_field(self, key, sio_value_at(map, i), out);
    }
    if (!err && !out->name)
        err = emit_fail(&self->error, SIO_EINVAL, "it has no \"event\"");
    return err;
}

static int send_line(lines *self, const char *text, size_t len)
{
    static const sio_value nothing = { .type = SIO_TYPE_ARRAY };
    event made = { .arguments = &nothing, .target = self->options->target };
    sio_value map;
    int err = sio_json_read(&self->arena, &map, text, len);

    if (err)
        return emit_fail(&self->error, err, "%s",
                         err == SIO_EPARSE ? "not JSON" : sio_err_message(err));
    err = read_event(self, &map, &made);
    if (err)
        return err;
    err = sio_emitter_queue(self->emitter, &made.target, made.name, "V", made.arguments);
    if (err)
        emit_fail(&self->error, err, "%s", sio_emitter_error(self->emitter));
    return err;
}

static bool is_of_the_line(int err)
{
    return err != SIO_ENOMEM && err != SIO_ECONNECT && err != SIO_ETIMEOUT && err != SIO_EAUTH &&
           err != SIO_EREDIS && err != SIO_EACCESS && err != SIO_ESYSTEM;
}

static void complain(lines *self)
{
    (void)fprintf(stderr, "sio-emit: line %llu: %s\n", (unsigned long long)self->number,
                  self->error.text);
}

static void take_line(lines *self, const char *text, size_t len)
{
    self->number++;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (len == 0)
        return;
    int err = send_line(self, text, len);
    sio_arena_reset(&self->arena);
    if (!err)
        return;
    complain(self);
    if (is_of_the_line(err))
        self->bad++;
    else
        self->err = err;
}

/* ---- all of them ---- */

static void flush(lines *self)
{
    sio_emitter_tally now;
    int err = sio_emitter_flush(self->emitter, &now);
    sio_emitter_tally *tally = &self->tally;

    tally->heard += now.heard;
    tally->unheard += now.unheard;
    tally->refused += now.refused;
    tally->unsure += now.unsure;
    tally->unsent = now.unsent;
    if (err && !self->err) {
        emit_fail(&self->error, err, "%s", sio_emitter_error(self->emitter));
        complain(self);
        self->err = err;
    }
}

static void skip_long_line(lines *self, sio_buf *buf)
{
    if (!self->skipping) {
        self->number++;
        self->bad++;
        emit_fail(&self->error, SIO_ELIMIT, "more than %u bytes", SIO_LIMIT_PUBLISH);
        complain(self);
    }
    self->skipping = true;
    sio_buf_clear(buf);
}

/* All lines that are there as a whole; the rest stays. */
static void take_lines(lines *self, sio_buf *buf, size_t searched)
{
    size_t begin = 0;

    while (!self->err) {
        const char *from = buf->data + (searched > begin ? searched : begin);
        const char *end = memchr(from, '\n', (size_t)(buf->data + buf->len - from));

        if (!end)
            break;
        if (!self->skipping)
            take_line(self, buf->data + begin, (size_t)(end - buf->data) - begin);
        self->skipping = false;
        begin = (size_t)(end - buf->data) + 1;
    }
    sio_buf_consume(buf, begin);
    if (buf->len > SIO_LIMIT_PUBLISH)
        skip_long_line(self, buf);
}

/* What has come goes out before it waits for more. */
static void flush_if_idle(lines *self)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

    if (poll(&input, 1, 0) == 0)
        flush(self);
}

/* False: the input has ended. */
static bool read_more(lines *self, sio_buf *buf)
{
    char *room = sio_buf_reserve(buf, READ_STEP);
    ssize_t count = -1;

    if (!room) {
        self->err = buf->err;
        emit_fail(&self->error, buf->err, "%s", sio_err_message(buf->err));
        complain(self);
        return false;
    }
    do
        count = read(STDIN_FILENO, room, READ_STEP);
    while (count < 0 && errno == EINTR);
    if (count < 0) {
        self->err = SIO_EINVAL;
        (void)fprintf(stderr, "sio-emit: standard input: %s\n", strerror(errno));
    }
    if (count > 0)
        buf->len += (size_t)count;
    return count > 0;
}

static int status_of(const lines *self)
{
    const sio_emitter_tally *tally = &self->tally;

    if (tally->unsure > 0 || tally->unsent > 0)
        (void)fprintf(stderr, "sio-emit: %llu events may have been sent or not, %llu were not\n",
                      (unsigned long long)tally->unsure, (unsigned long long)tally->unsent);
    if (self->err == SIO_ENOMEM)
        return EXIT_MEMORY;
    if (tally->unsure > 0)
        return EXIT_DOUBT;
    if (self->err == SIO_EINVAL || self->err == SIO_EACCESS)
        return EXIT_USAGE;
    if (self->err || tally->refused > 0)
        return EXIT_REDIS;
    if (self->bad > 0)
        return EXIT_USAGE;
    return tally->unheard > 0 ? EXIT_NOBODY : EXIT_SENT;
}

int emit_lines(const emit_command_line *line, sio_emitter *emitter)
{
    lines self = { .options = line, .emitter = emitter };
    sio_buf buf = { 0 };

    for (size_t searched = 0; !self.err && read_more(&self, &buf); searched = buf.len) {
        take_lines(&self, &buf, searched);
        if (!self.err)
            flush_if_idle(&self);
    }
    if (!self.err && buf.len > 0 && !self.skipping)
        take_line(&self, buf.data, buf.len);
    flush(&self);
    const unsigned long long unheard = self.tally.unheard, all = unheard + self.tally.heard;
    if (unheard > 0 && !self.err)
        (void)fprintf(stderr, "sio-emit: %llu of %llu events were heard by no server\n", unheard,
                      all);
    sio_buf_free(&buf);
    sio_arena_free(&self.arena);
    return status_of(&self);
}
