#include "cluster/tree.h"

#include <sio/sys/packet.h>

#define FIXARRAY   0x90
#define FIXMAP     0x80
#define FIXSTR     0xa0
#define FIXSTR_MAX 31

/* Most are keys and short names: these need no packer. */
static void put_string(sio_buf *out, sio_str text)
{
    if (text.len <= FIXSTR_MAX) {
        sio_buf_byte(out, (char)(FIXSTR | text.len));
        sio_buf_append(out, text.data, text.len);
        return;
    }
    sio_value value = sio_value_of_string(text);
    sio_msgpack_write(out, &value);
}

static void put_array_size(sio_buf *out, size_t count)
{
    if (count < 16) {
        sio_buf_byte(out, (char)(FIXARRAY | count));
    } else if (count <= UINT16_MAX) {
        const uint8_t head[] = { 0xdc, (uint8_t)(count >> 8), (uint8_t)count };
        sio_buf_append(out, head, sizeof head);
    } else {
        const uint8_t head[] = { 0xdd, (uint8_t)(count >> 24), (uint8_t)(count >> 16),
                                 (uint8_t)(count >> 8), (uint8_t)count };
        sio_buf_append(out, head, sizeof head);
    }
}

static void put_names(sio_buf *out, sio_str key, const sio_str *names, size_t count)
{
    put_string(out, key);
    put_array_size(out, count);
    for (size_t i = 0; i < count; i++)
        put_string(out, names[i]);
}

static void put_flags(sio_buf *out, const sio_cluster_flags *flags)
{
    sio_value items[SIO_TREE_FLAGS];
    const sio_value map = sio_tree_of_flags(items, flags);
    put_string(out, SIO_STR("flags"));
    if (map.count == 0)
        sio_buf_byte(out, (char)FIXMAP);
    else
        sio_msgpack_write(out, &map);
}

static void put_packet(sio_buf *out, const sio_cluster_message *message)
{
    sio_buf_byte(out, (char)(FIXMAP | 3));
    put_string(out, SIO_STR("type"));
    sio_buf_byte(out, SIO_PACKET_EVENT); /* a fixint */
    put_string(out, SIO_STR("data"));
    sio_msgpack_write(out, &message->data);
    put_string(out, SIO_STR("nsp"));
    put_string(out, message->nsp);
}

void sio_cluster_message_write(sio_buf *out, const sio_cluster_message *message,
                               sio_cluster_author author)
{
    bool emitter = author == SIO_CLUSTER_EMITTER;
    bool flags = emitter || message->flags.present;
    put_array_size(out, 3);
    put_string(out, message->uid);
    put_packet(out, message);
    sio_buf_byte(out, (char)(FIXMAP | (flags ? 3 : 2)));
    put_names(out, SIO_STR("rooms"), message->rooms, message->rooms_count);
    if (emitter)
        put_flags(out, &message->flags);
    put_names(out, SIO_STR("except"), message->except, message->except_count);
    if (flags && !emitter)
        put_flags(out, &message->flags);
}
