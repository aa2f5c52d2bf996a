#include <sio/err.h>
#include <sio/sys/deflate.h>
#include <sio/sys/mem.h>
#include <sio/sys/text.h>
#include <sio/sys/ws.h>

#include "ws/close.h"

#define CONTROL_MAX 125
#define RSV1        4

/* What has arrived of a message that is not whole yet. */
struct sio_ws_partial {
    uint8_t head[SIO_WS_HEADER_MAX]; /* the beginning of a header */
    uint8_t head_len;
    uint8_t opcode;      /* of the data message under way; CONTINUATION: none is */
    bool deflated;       /* and that it was */
    bool in_frame;       /* `frame` is valid and lacks bytes */
    sio_ws_header frame; /* the one that is being read */
    uint64_t taken;      /* payload bytes of it that have come */
    uint32_t utf8;       /* of the text so far */
    sio_buf message;     /* payload of the data message so far, unmasked */
    char control[CONTROL_MAX];
};

/* One call of sio_ws_reader_next. */
typedef struct input {
    sio_ws_reader *reader;
    char **data;
    size_t *len;
    const sio_ws_rules *rules;
} input;

static bool is_control(const sio_ws_header *frame)
{
    return frame->opcode >= SIO_WS_CLOSE;
}

static char *take(const input *in, size_t len)
{
    char *data = *in->data;
    *in->data += len;
    *in->len -= len;
    return data;
}

static struct sio_ws_partial *partial_of(sio_ws_reader *reader)
{
    if (!reader->partial)
        reader->partial = sio_mem_zalloc(sizeof *reader->partial);
    return reader->partial;
}

void sio_ws_reader_free(sio_ws_reader *reader)
{
    if (!reader->partial)
        return;
    sio_buf_free(&reader->partial->message);
    sio_mem_free(reader->partial);
    reader->partial = NULL;
}

size_t sio_ws_reader_lacks(const sio_ws_reader *reader)
{
    const struct sio_ws_partial *partial = reader->partial;
    return partial && partial->in_frame ? (size_t)(partial->frame.length - partial->taken) : 0;
}

/* The message that the previous call handed out may have lived in there. */
static void free_if_idle(sio_ws_reader *reader)
{
    const struct sio_ws_partial *partial = reader->partial;
    if (partial && !partial->head_len && !partial->in_frame && !partial->opcode)
        sio_ws_reader_free(reader);
}

/* ---- headers ---- */

/* Joins the input to the beginning of a header that came before. */
static int read_cut_header(const input *in, sio_ws_header *frame)
{
    struct sio_ws_partial *partial = partial_of(in->reader);
    if (!partial)
        return SIO_ENOMEM;
    size_t room = sizeof partial->head - partial->head_len;
    size_t more = *in->len < room ? *in->len : room;
    if (more > 0)
        memcpy(partial->head + partial->head_len, *in->data, more);
    int err = sio_ws_header_read(frame, partial->head, partial->head_len + more);
    if (err == SIO_EAGAIN) {
        take(in, more);
        partial->head_len = (uint8_t)(partial->head_len + more);
    }
    if (err)
        return err;
    take(in, (size_t)frame->size - partial->head_len);
    partial->head_len = 0;
    return 0;
}

static int read_header(const input *in, sio_ws_header *frame)
{
    if (in->reader->partial && in->reader->partial->head_len > 0)
        return read_cut_header(in, frame);
    int err = sio_ws_header_read(frame, *in->data, *in->len);
    if (err == SIO_EAGAIN && *in->len > 0)
        return read_cut_header(in, frame);
    if (!err)
        take(in, frame->size);
    return err;
}

/* Only the first frame of a message says whether it is deflated (RFC 7692, section 6). */
static bool valid_rsv(const input *in, const sio_ws_header *frame)
{
    if (frame->rsv == 0)
        return true;
    return frame->rsv == RSV1 && in->rules->inflater && !is_control(frame) &&
           frame->opcode != SIO_WS_CONTINUATION;
}

static int check_header(const input *in, const sio_ws_header *frame)
{
    const struct sio_ws_partial *partial = in->reader->partial;
    bool fragmented = partial && partial->opcode;
    if (frame->masked != in->rules->from_client || !valid_rsv(in, frame))
        return SIO_EPARSE;
    if (is_control(frame))
        return 0;
    if ((frame->opcode == SIO_WS_CONTINUATION) != fragmented)
        return SIO_EPARSE;
    uint64_t kept = fragmented ? partial->message.len : 0;
    return kept + frame->length > in->rules->max_payload ? SIO_ELIMIT : 0;
}

/* ---- messages ---- */

static void hand_out_kept(struct sio_ws_partial *partial, sio_ws_message *out)
{
    bool empty = partial->message.len == 0; /* then it may have no memory to point at */
    out->data = empty ? partial->control : partial->message.data;
    out->len = partial->message.len;
}

/* Puts what out->data stands for into its place, where it is kept until the next call. */
static int inflate_message(const input *in, sio_ws_message *out)
{
    struct sio_ws_partial *partial = partial_of(in->reader);
    if (!partial)
        return SIO_ENOMEM;
    sio_buf plain = { 0 };
    const int err = sio_ws_inflate(in->rules->inflater, &plain, (sio_str){ out->data, out->len },
                                   in->rules->max_payload);
    sio_buf_free(&partial->message);
    partial->message = plain;
    if (err)
        return err == SIO_EPARSE ? SIO_EUTF8 : err;
    hand_out_kept(partial, out);
    return out->opcode != SIO_WS_TEXT || sio_utf8_valid(out->data, out->len) ? 1 : SIO_EUTF8;
}

/* A frame that is a message by itself and lies whole in the input. */
static int hand_on(const input *in, const sio_ws_header *frame, sio_ws_message *out)
{
    size_t len = (size_t)frame->length;
    *out = (sio_ws_message){ .opcode = frame->opcode, .data = take(in, len), .len = len };
    if (frame->masked)
        sio_ws_mask(out->data, len, frame->mask, 0);
    if (frame->rsv)
        return inflate_message(in, out);
    if (frame->opcode == SIO_WS_CLOSE)
        return sio_ws_close_read(out);
    return frame->opcode != SIO_WS_TEXT || sio_utf8_valid(out->data, len) ? 1 : SIO_EUTF8;
}

static int finish_kept(const input *in, sio_ws_message *out)
{
    struct sio_ws_partial *partial = in->reader->partial;
    if (is_control(&partial->frame)) {
        *out = (sio_ws_message){ .opcode = partial->frame.opcode,
                                 .data = partial->control,
                                 .len = (size_t)partial->frame.length };
        return out->opcode == SIO_WS_CLOSE ? sio_ws_close_read(out) : 1;
    }
    if (!partial->frame.fin)
        return 0;
    if (partial->opcode == SIO_WS_TEXT && partial->utf8 != 0)
        return SIO_EUTF8;
    *out = (sio_ws_message){ .opcode = partial->opcode };
    hand_out_kept(partial, out);
    partial->opcode = SIO_WS_CONTINUATION;
    return partial->deflated ? inflate_message(in, out) : 1;
}

/* ---- frames that are cut, or parts of a message ---- */

static int begin_frame(const input *in, const sio_ws_header *frame)
{
    struct sio_ws_partial *partial = partial_of(in->reader);
    if (!partial)
        return SIO_ENOMEM;
    partial->frame = *frame;
    partial->taken = 0;
    partial->in_frame = true;
    if (!is_control(frame) && frame->opcode != SIO_WS_CONTINUATION) {
        partial->opcode = frame->opcode;
        partial->deflated = frame->rsv != 0;
    }
    return 0;
}

static char *keep(struct sio_ws_partial *partial, const char *data, size_t len)
{
    if (is_control(&partial->frame))
        return memcpy(partial->control + partial->taken, data, len);
    sio_buf_append(&partial->message, data, len);
    return partial->message.err ? NULL : partial->message.data + partial->message.len - len;
}

static bool is_plain_text(const struct sio_ws_partial *partial)
{
    return !is_control(&partial->frame) && partial->opcode == SIO_WS_TEXT && !partial->deflated;
}

/* Moves what the input has of the frame's payload into the partial message. Returns 1 when the
 * frame is complete. */
static int read_payload(const input *in, struct sio_ws_partial *partial)
{
    uint64_t missing = partial->frame.length - partial->taken;
    size_t len = *in->len < missing ? *in->len : (size_t)missing;
    if (len > 0) {
        char *kept = keep(partial, take(in, len), len);
        if (!kept)
            return partial->message.err;
        if (partial->frame.masked)
            sio_ws_mask(kept, len, partial->frame.mask, (size_t)partial->taken);
        if (is_plain_text(partial))
            partial->utf8 = sio_utf8_feed(partial->utf8, kept, len);
        if (partial->utf8 == SIO_UTF8_BAD)
            return SIO_EUTF8;
        partial->taken += len;
    }
    partial->in_frame = partial->taken < partial->frame.length;
    return partial->in_frame ? 0 : 1;
}

/* Reads a header. Returns 1 when its frame was handed on at once; otherwise the frame has begun. */
static int start_frame(const input *in, sio_ws_message *out)
{
    sio_ws_header frame;
    int err = read_header(in, &frame);
    if (!err)
        err = check_header(in, &frame);
    if (err)
        return err;
    bool whole = is_control(&frame) || (frame.fin && frame.opcode != SIO_WS_CONTINUATION);
    if (whole && frame.length <= *in->len)
        return hand_on(in, &frame, out);
    return begin_frame(in, &frame);
}

/* Returns 1 with a message, 0 when there is none yet. */
static int read_frame(const input *in, sio_ws_message *out)
{
    if (!in->reader->partial || !in->reader->partial->in_frame) {
        int rc = start_frame(in, out);
        if (rc)
            return rc;
    }
    int complete = read_payload(in, in->reader->partial);
    return complete == 1 ? finish_kept(in, out) : complete;
}

static int close_code_of(int err)
{
    switch (err) {
    case SIO_EUTF8:
        return SIO_WS_CODE_UTF8;
    case SIO_ELIMIT:
        return SIO_WS_CODE_TOO_BIG;
    case SIO_ENOMEM:
        return SIO_WS_CODE_INTERNAL;
    default:
        return SIO_WS_CODE_PROTOCOL;
    }
}

int sio_ws_reader_next(sio_ws_reader *reader, char **data, size_t *len, const sio_ws_rules *rules,
                       sio_ws_message *out, int *close_code)
{
    const input in = { reader, data, len, rules };
    free_if_idle(reader);
    int rc = 0;
    while (rc == 0 && *len > 0)
        rc = read_frame(&in, out);
    if (rc == SIO_EAGAIN)
        return 0;
    if (rc < 0)
        *close_code = close_code_of(rc);
    return rc;
}
