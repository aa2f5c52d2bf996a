#include <sio/err.h>
#include <sio/sys/packet.h>

/* Most events are shorter than this: one allocation serves them. */
#define SCRATCH_SIZE 256

#define DIGITS_MAX 20

/* What stands before the JSON: type, count of attachments, namespace, id of the acknowledgement. */
typedef struct prefix {
    char type[2];
    char attachments[3];
    char id[DIGITS_MAX];
    sio_str parts[5];
    size_t len;
} prefix;

static sio_str write_digits(char *end, uint64_t number)
{
    char *at = end;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (sio_str){ at, (size_t)(end - at) };
}

static bool carries_binary(sio_packet_type type)
{
    return type == SIO_PACKET_EVENT || type == SIO_PACKET_ACK;
}

static char type_digit(sio_packet_type type, unsigned attachments)
{
    if (attachments > 0)
        type = type == SIO_PACKET_EVENT ? SIO_PACKET_BINARY_EVENT : SIO_PACKET_BINARY_ACK;
    return (char)('0' + type);
}

static void make_prefix(prefix *out, const sio_packet *packet, unsigned attachments)
{
    *out = (prefix){ .type = { '4', type_digit(packet->type, attachments) } };
    out->parts[0] = (sio_str){ out->type, sizeof out->type };
    if (attachments > 0) {
        out->attachments[2] = '-';
        sio_str digits = write_digits(out->attachments + 2, attachments);
        out->parts[1] = (sio_str){ digits.data, digits.len + 1 };
    }
    if (!sio_str_equal(packet->nsp, SIO_STR("/"))) {
        out->parts[2] = packet->nsp;
        out->parts[3] = SIO_STR(",");
    }
    if (packet->has_id)
        out->parts[4] = write_digits(out->id + DIGITS_MAX, packet->id);
    for (size_t i = 0; i < sizeof out->parts / sizeof out->parts[0]; i++)
        out->len += out->parts[i].len;
}

static char *put(char *at, sio_str part)
{
    if (part.len > 0)
        memcpy(at, part.data, part.len);
    return at + part.len;
}

static int make_text(sio_frame **out, const prefix *before, sio_str json)
{
    if (before->len + json.len > SIO_FRAME_MAX)
        return SIO_ELIMIT;
    sio_frame *frame = sio_frame_alloc(before->len + json.len, false);
    if (!frame)
        return SIO_ENOMEM;
    char *at = frame->data + frame->header;
    for (size_t i = 0; i < sizeof before->parts / sizeof before->parts[0]; i++)
        at = put(at, before->parts[i]);
    put(at, json);
    *out = frame;
    return 0;
}

static int add_attachments(sio_frame *head, const sio_attachments *attachments)
{
    sio_frame *last = head;
    for (unsigned i = 0; i < attachments->count; i++) {
        const sio_value *item = attachments->items[i];
        if (item->count > SIO_FRAME_MAX)
            return SIO_ELIMIT;
        last->next = sio_frame_new((sio_str){ item->as.bytes, item->count }, true);
        if (!last->next)
            return SIO_ENOMEM;
        last = last->next;
    }
    return 0;
}

static int write_json(sio_buf *out, const sio_packet *packet, sio_attachments *attachments)
{
    if (packet->json.data || packet->data.type == SIO_TYPE_UNDEFINED ||
        packet->data.type == SIO_TYPE_NULL)
        return 0;
    sio_buf_reserve(out, SCRATCH_SIZE);
    int err = sio_json_write(out, &packet->data, carries_binary(packet->type) ? attachments : NULL);
    return err ? err : out->err;
}

int sio_packet_encode(const sio_packet *packet, sio_frame **out)
{
    sio_buf json = { 0 };
    sio_attachments attachments = { .count = 0 };
    sio_frame *chain = NULL;
    int err = write_json(&json, packet, &attachments);
    if (!err) {
        prefix before;
        make_prefix(&before, packet, attachments.count);
        err = make_text(&chain, &before,
                        packet->json.data ? packet->json : (sio_str){ json.data, json.len });
    }
    sio_buf_free(&json);
    if (!err)
        err = add_attachments(chain, &attachments);
    if (err)
        sio_frame_unref(chain);
    else
        *out = chain;
    return err;
}
