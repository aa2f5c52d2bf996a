#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

#include "sio/placeholder.h"
#include "sio/shape.h"

/* A packet and the attachments that have come for it. Once `whole` it has been handed out. */
struct sio_decoder_pending {
    sio_packet packet;
    sio_arena arena; /* of the tree, and of the attachments but the last */
    sio_value attachments[SIO_LIMIT_ATTACHMENTS];
    unsigned expected;
    unsigned count;
    size_t bytes; /* as they came: of the text and of the attachments */
    bool whole;
};

/* The text that is still to be read. */
typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

static bool at_digit(const cursor *in)
{
    return in->at < in->end && *in->at >= '0' && *in->at <= '9';
}

/* ---- what stands before the JSON ---- */

/* Reads digits; a number above `max` becomes max + 1. */
static uint64_t read_number(cursor *in, uint64_t max)
{
    uint64_t number = 0;
    for (; at_digit(in); in->at++) {
        uint64_t digit = (uint64_t)(*in->at - '0');
        number = number > (max - digit) / 10 ? max + 1 : number * 10 + digit;
    }
    return number;
}

static int read_type(cursor *in, sio_packet_type *type)
{
    if (!at_digit(in) || *in->at - '0' > SIO_PACKET_BINARY_ACK)
        return SIO_EPARSE;
    *type = (sio_packet_type)(*in->at++ - '0');
    return 0;
}

/* Also turns the two binary types into those that they stand for. */
static int read_attachments(cursor *in, sio_packet_type *type, unsigned *attachments)
{
    *attachments = 0;
    if (*type < SIO_PACKET_BINARY_EVENT)
        return 0;
    uint64_t count = read_number(in, SIO_LIMIT_ATTACHMENTS);
    if (in->at == in->end || *in->at++ != '-' || count == 0)
        return SIO_EPARSE;
    if (count > SIO_LIMIT_ATTACHMENTS)
        return SIO_ELIMIT;
    *attachments = (unsigned)count;
    *type = *type == SIO_PACKET_BINARY_EVENT ? SIO_PACKET_EVENT : SIO_PACKET_ACK;
    return 0;
}

/* Without the query that clients of Socket.IO 2 put behind it. */
static size_t name_length(sio_str nsp)
{
    const char *query = memchr(nsp.data, '?', nsp.len);
    return query ? (size_t)(query - nsp.data) : nsp.len;
}

static int read_namespace(cursor *in, sio_str *nsp)
{
    *nsp = SIO_STR("/");
    if (in->at == in->end || *in->at != '/')
        return 0;
    const char *start = in->at;
    const char *comma = memchr(start, ',', (size_t)(in->end - start));
    const char *end = comma ? comma : in->end;
    *nsp = (sio_str){ start, (size_t)(end - start) };
    in->at = comma ? comma + 1 : end;
    if (name_length(*nsp) > SIO_LIMIT_NAME)
        return SIO_ELIMIT;
    return sio_utf8_valid(nsp->data, nsp->len) ? 0 : SIO_EPARSE;
}

static int read_id(cursor *in, sio_packet *packet)
{
    packet->has_id = at_digit(in);
    packet->id = read_number(in, SIO_PACKET_ID_MAX);
    return packet->id > SIO_PACKET_ID_MAX ? SIO_EINVAL : 0;
}

static int read_head(cursor *in, sio_packet *packet, unsigned *attachments)
{
    int err = read_type(in, &packet->type);
    if (!err)
        err = read_attachments(in, &packet->type, attachments);
    if (!err)
        err = read_namespace(in, &packet->nsp);
    if (!err)
        err = read_id(in, packet);
    return err;
}

/* ---- the JSON ---- */

static int read_data(const cursor *in, sio_arena *arena, sio_packet *packet)
{
    packet->data = (sio_value){ .type = SIO_TYPE_UNDEFINED };
    if (in->at == in->end && (packet->type == SIO_PACKET_EVENT || packet->type == SIO_PACKET_ACK))
        return SIO_EINVAL;
    if (in->at < in->end) {
        int err = sio_json_read(arena, &packet->data, in->at, (size_t)(in->end - in->at));
        if (err)
            return err;
    }
    if (!sio_shape_fits(packet->type, &packet->data))
        return SIO_EPARSE;
    return packet->type != SIO_PACKET_EVENT || sio_shape_named(&packet->data) ? 0 : SIO_EPARSE;
}

/* ---- attachments ---- */

/* Copies the packet out of the arena that it was read in, where its tree takes many times the room
 * that it needs. */
static int keep(struct sio_decoder_pending *pending, const sio_packet *packet)
{
    pending->packet = *packet;
    pending->packet.nsp.data =
        sio_arena_strndup(&pending->arena, packet->nsp.data, packet->nsp.len);
    if (!pending->packet.nsp.data)
        return SIO_ENOMEM;
    return sio_value_clone(&pending->arena, &pending->packet.data, &packet->data);
}

static int begin_pending(sio_decoder *decoder, const sio_packet *packet, unsigned attachments,
                         size_t len)
{
    decoder->pending = sio_mem_zalloc(sizeof *decoder->pending);
    if (!decoder->pending)
        return SIO_ENOMEM;
    decoder->pending->expected = attachments;
    decoder->pending->bytes = len;
    return keep(decoder->pending, packet);
}

/* The last attachment is borrowed: the packet is handed out before its bytes go away. */
static int add_attachment(struct sio_decoder_pending *pending, const void *data, size_t len)
{
    bool last = pending->count + 1 == pending->expected;
    if (len == 0)
        data = "";
    else if (!last)
        data = sio_arena_strndup(&pending->arena, data, len);
    if (!data)
        return SIO_ENOMEM;
    pending->attachments[pending->count++] = (sio_value){
        .type = SIO_TYPE_BINARY, .binary = 1, .count = (uint32_t)len, .as.bytes = data
    };
    pending->bytes += len;
    return 0;
}

/* ---- the decoder ---- */

int sio_decoder_text(sio_decoder *decoder, sio_arena *arena, const char *text, size_t len,
                     sio_packet *out)
{
    if (decoder->pending && !decoder->pending->whole)
        return SIO_EPARSE;
    sio_decoder_free(decoder);
    cursor in = { text, text + len };
    sio_packet packet = { .has_id = false };
    unsigned attachments;
    int err = read_head(&in, &packet, &attachments);
    if (!err)
        err = read_data(&in, arena, &packet);
    if (err)
        return err;
    if (attachments > 0)
        return begin_pending(decoder, &packet, attachments, len);
    *out = packet;
    return 1;
}

int sio_decoder_binary(sio_decoder *decoder, const void *data, size_t len, size_t max_bytes,
                       sio_packet *out)
{
    struct sio_decoder_pending *pending = decoder->pending;
    if (!pending || pending->whole)
        return SIO_EPARSE;
    if (pending->bytes > max_bytes || len > max_bytes - pending->bytes || len > SIO_LIMIT_LENGTH)
        return SIO_ELIMIT;
    int err = add_attachment(pending, data, len);
    if (!err && pending->count < pending->expected)
        return 0;
    if (!err)
        err = sio_placeholder_fill(&pending->packet.data, pending->attachments, pending->count);
    if (err)
        return err;
    pending->whole = true;
    *out = pending->packet;
    return 1;
}

void sio_decoder_free(sio_decoder *decoder)
{
    if (!decoder->pending)
        return;
    sio_arena_free(&decoder->pending->arena);
    sio_mem_free(decoder->pending);
    decoder->pending = NULL;
}
