#include "net/payload.h"

#include <sio/err.h>
#include <sio/sys/eio3.h>

#include "net/http.h"

/* The packets of a payload one after the other: first to count, then to copy. */
typedef struct writer {
    sio_eio_dialect dialect;
    bool binary;
    char *out; /* NULL: only count */
    size_t len;
    bool failed;
} writer;

static void put(writer *to, const char *data, size_t len)
{
    if (to->out && len > 0)
        memcpy(to->out + to->len, data, len);
    to->len += len;
}

/* `typed` is for bytes in a payload of bytes. */
static void write_packet(writer *to, sio_str packet, bool typed)
{
    char prefix[SIO_EIO3_PREFIX_MAX];
    if (to->binary)
        put(to, prefix, sio_eio3_prefix_binary(prefix, packet, typed));
    else if (to->dialect != SIO_EIO_4)
        put(to, prefix, sio_eio3_prefix(prefix, packet));
    else if (to->len > 0)
        put(to, &(const char){ SIO_EIO_SEPARATOR }, 1);
    put(to, packet.data, packet.len);
}

static void write_frame(writer *to, sio_frame *frame)
{
    const sio_str packet = to->binary ? sio_frame_payload(frame) : sio_frame_polling(frame);
    if (packet.data)
        write_packet(to, packet, frame->typed);
    else
        to->failed = true;
}

static void write_outbox(writer *to, const sio_outbox *outbox, bool last)
{
    for (uint32_t i = 0; i < outbox->count; i++)
        for (sio_frame *frame = sio_outbox_at(outbox, i); frame; frame = frame->next)
            write_frame(to, frame);
    if (last && outbox->count == 0)
        write_packet(to, SIO_STR("1"), false);
}

/* In revision 3 one packet of bytes makes bytes of the whole payload. */
static bool wants_bytes(sio_eio_dialect dialect, const sio_outbox *outbox)
{
    for (uint32_t i = 0; dialect == SIO_EIO_3 && i < outbox->count; i++)
        if (sio_frame_has_binary(sio_outbox_at(outbox, i)))
            return true;
    return false;
}

/* As in the reference, one packet that asks for compression is enough. */
static bool is_plain(const sio_outbox *outbox)
{
    for (uint32_t i = 0; i < outbox->count; i++)
        if (!sio_outbox_at(outbox, i)->plain)
            return false;
    return true;
}

int sio_payload_make(sio_payload *out, sio_net *net, sio_eio_dialect dialect,
                     const sio_outbox *outbox, bool last)
{
    writer count = { .dialect = dialect, .binary = wants_bytes(dialect, outbox) };
    write_outbox(&count, outbox, last);
    if (count.failed)
        return SIO_ENOMEM;
    writer copy = { .dialect = dialect,
                    .binary = count.binary,
                    .out = net->output + SIO_HTTP_HEAD_ROOM };
    sio_blob *owner = NULL;
    if (count.len > sizeof(net->output) - SIO_HTTP_HEAD_ROOM) {
        owner = sio_blob_new(count.len);
        if (!owner)
            return SIO_ENOMEM;
        copy.out = owner->data;
    }
    write_outbox(&copy, outbox, last);
    *out = (sio_payload){ { copy.out, copy.len }, owner, copy.binary, is_plain(outbox) };
    return 0;
}
