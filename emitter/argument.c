#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <yyjson.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

#include "argument.h"

#define READ_STEP    65536
#define EXCERPT_MAX  40
#define EXCERPT_SIZE (EXCERPT_MAX + 4)

int emit_fail(emit_error *error, int err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return err;
}

int emit_argument_text(sio_value *out, const char *text, size_t number, emit_error *error)
{
    sio_str bytes = sio_str_from(text);

    if (!sio_utf8_valid(bytes.data, bytes.len))
        return emit_fail(error, SIO_EUTF8, "argument %zu is not UTF-8: send it with --file or -",
                         number);
    *out = sio_value_of_string(bytes);
    return 0;
}

static bool looks_like_json(const char *text)
{
    text += strspn(text, " \t\r\n");
    return *text == '{' || *text == '[' || *text == '"';
}

/* The beginning of a text, on one line, and with whole characters only. */
static const char *shorten(char out[EXCERPT_SIZE], const char *text)
{
    size_t len = strlen(text), shown = len < EXCERPT_MAX ? len : EXCERPT_MAX;

    while (shown > 0 && shown < len && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--;
    for (size_t i = 0; i < shown; i++)
        out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
    memcpy(out + shown, shown < len ? "..." : "", shown < len ? 4 : 1);
    return out;
}

/* sio_json_read only says that it is none; people want to know where. */
static int explain(const char *text, size_t len, size_t number, emit_error *error)
{
    char whole[EXCERPT_SIZE], rest[EXCERPT_SIZE];
    yyjson_read_err place = { 0 };
    yyjson_doc *document = yyjson_read_opts((char *)(uintptr_t)text, len, 0, NULL, &place);
    const char *here = text + (place.pos < len ? place.pos : len);

    yyjson_doc_free(document);
    return emit_fail(error, SIO_EPARSE,
                     "argument %zu, %s, begins like JSON, but at character %zu, %s: %s; put it in "
                     "single quotes for the shell, or send it as text with --text",
                     number, shorten(whole, text), (size_t)(here - text) + 1,
                     *here ? shorten(rest, here) : "its end", document ? "not JSON" : place.msg);
}

int emit_argument_guess(sio_arena *arena, sio_value *out, const char *text, size_t number,
                        emit_error *error)
{
    size_t len = strlen(text);
    int err = sio_json_read(arena, out, text, len);

    if (!err)
        return 0;
    if (err != SIO_EPARSE)
        return emit_fail(error, err, "argument %zu cannot be sent: %s", number,
                         sio_err_message(err));
    return looks_like_json(text) ? explain(text, len, number, error)
                                 : emit_argument_text(out, text, number, error);
}

static int read_all(sio_buf *buf, int fd, const char *name, emit_error *error)
{
    for (;;) {
        char *room = sio_buf_reserve(buf, READ_STEP);
        ssize_t count = room ? read(fd, room, READ_STEP) : 0;

        if (!room)
            return emit_fail(error, buf->err, "%s: %s", name, sio_err_message(buf->err));
        if (count == 0)
            return 0;
        if (count > 0)
            buf->len += (size_t)count;
        else if (errno != EINTR)
            return emit_fail(error, SIO_ESYSTEM, "%s: %s", name, strerror(errno));
        if (buf->len > SIO_LIMIT_PUBLISH)
            return emit_fail(error, SIO_ELIMIT,
                             "%s: more than %u bytes, which is all one message may have", name,
                             SIO_LIMIT_PUBLISH);
    }
}

static int keep(sio_arena *arena, sio_value *out, const sio_buf *buf, emit_error *error)
{
    void *bytes = sio_arena_alloc(arena, buf->len + 1);

    if (!bytes)
        return emit_fail(error, SIO_ENOMEM, "out of memory");
    if (buf->len)
        memcpy(bytes, buf->data, buf->len);
    *out = (sio_value){
        .type = SIO_TYPE_BINARY, .binary = 1, .count = (uint32_t)buf->len, .as.bytes = bytes
    };
    return 0;
}

int emit_argument_file(sio_arena *arena, sio_value *out, const char *path, emit_error *error)
{
    const char *name = path ? path : "standard input";
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    sio_buf buf = { 0 };

    if (fd < 0)
        return emit_fail(error, SIO_ENOTFOUND, "%s: %s", name, strerror(errno));
    int err = read_all(&buf, fd, name, error);
    if (!err)
        err = keep(arena, out, &buf, error);
    sio_buf_free(&buf);
    if (path)
        close(fd);
    return err;
}
