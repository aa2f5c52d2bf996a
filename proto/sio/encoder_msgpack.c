#include <sio/err.h>
#include <sio/sys/packet.h>

/* The packet as the object that the package gets to see. */
typedef struct envelope {
    sio_value items[8];
    size_t entries;
} envelope;

static void add(envelope *to, sio_str key, sio_value value)
{
    to->items[2 * to->entries] = sio_value_of_string(key);
    to->items[2 * to->entries + 1] = value;
    to->entries++;
}

/* Keys in the order in which the reference puts them: an acknowledgement is made from its id. */
static void fill(envelope *out, const sio_packet *packet)
{
    const sio_value id = sio_value_of_int((int64_t)packet->id);
    out->entries = 0;
    if (packet->has_id && packet->type == SIO_PACKET_ACK)
        add(out, SIO_STR("id"), id);
    add(out, SIO_STR("type"), sio_value_of_int(packet->type));
    if (packet->data.type != SIO_TYPE_UNDEFINED)
        add(out, SIO_STR("data"), packet->data);
    if (packet->has_id && packet->type != SIO_PACKET_ACK)
        add(out, SIO_STR("id"), id);
    add(out, SIO_STR("nsp"), sio_value_of_string(packet->nsp));
}

static int make_frame(sio_str bytes, sio_frame **out)
{
    if (bytes.len > SIO_FRAME_MAX)
        return SIO_ELIMIT;
    sio_frame *frame = sio_frame_new(bytes, true);
    if (!frame)
        return SIO_ENOMEM;
    *out = frame;
    return 0;
}

int sio_packet_encode_msgpack(const sio_packet *packet, sio_frame **out)
{
    envelope parts;
    sio_buf bytes = { 0 };
    fill(&parts, packet);
    const sio_value whole = sio_value_of_map(parts.items, parts.entries);
    sio_msgpack_write_2(&bytes, &whole);
    const int err = bytes.err ? bytes.err : make_frame((sio_str){ bytes.data, bytes.len }, out);
    sio_buf_free(&bytes);
    return err;
}
