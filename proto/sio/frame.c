#include <sio/sys/frame.h>

#include <sio/sys/mem.h>
#include <sio/sys/text.h>
#include <sio/sys/ws.h>

#define TYPE_MESSAGE 4

static void copy(char *to, sio_str from)
{
    if (from.len > 0)
        memcpy(to, from.data, from.len);
}

sio_frame *sio_frame_alloc(size_t len, bool binary)
{
    if (len > SIO_FRAME_MAX)
        return NULL;
    uint8_t header[SIO_WS_HEADER_MAX];
    size_t size =
        sio_ws_header_write(header, binary ? SIO_WS_BINARY : SIO_WS_TEXT, (uint64_t)len, NULL);
    sio_frame *frame = sio_mem_alloc(sizeof *frame + size + len);
    if (!frame)
        return NULL;
    *frame = (sio_frame){
        .refs = 1, .len = (uint32_t)(size + len), .header = (uint8_t)size, .binary = binary
    };
    memcpy(frame->data, header, size);
    return frame;
}

sio_frame *sio_frame_new(sio_str payload, bool binary)
{
    if (!binary)
        return sio_frame_new_packet('4', payload);
    sio_frame *frame = sio_frame_alloc(payload.len, true);
    if (frame)
        copy(frame->data + frame->header, payload);
    return frame;
}

sio_frame *sio_frame_new_packet(char type, sio_str data)
{
    if (data.len >= SIO_FRAME_MAX)
        return NULL;
    sio_frame *frame = sio_frame_alloc(1 + data.len, false);
    if (!frame)
        return NULL;
    frame->data[frame->header] = type;
    copy(frame->data + frame->header + 1, data);
    return frame;
}

void sio_frame_free(sio_frame *frame)
{
    while (frame) {
        sio_frame *next = frame->next;
        sio_mem_free(frame->polling);
        sio_mem_free(frame->deflated);
        sio_frame_unref(frame->revision3);
        sio_mem_free(frame);
        frame = next;
    }
}

/* One frame of a chain for revision 3. */
static sio_frame *make_typed(const sio_frame *frame)
{
    const sio_str payload = sio_frame_payload(frame);
    const size_t type = frame->binary ? 1 : 0;
    sio_frame *made = sio_frame_alloc(type + payload.len, frame->binary);
    if (!made)
        return NULL;
    made->typed = frame->binary;
    made->plain = made->deflate_done = frame->plain;
    if (type)
        made->data[made->header] = TYPE_MESSAGE;
    copy(made->data + made->header + type, payload);
    return made;
}

sio_frame *sio_frame_revision3(sio_frame *chain)
{
    if (chain->revision3)
        return chain->revision3;
    sio_frame *head = NULL, **last = &head;
    for (const sio_frame *frame = chain; frame; frame = frame->next, last = &(*last)->next) {
        *last = make_typed(frame);
        if (!*last) {
            sio_frame_unref(head);
            return NULL;
        }
    }
    chain->revision3 = head;
    return head;
}

static bool make_polling(sio_frame *frame)
{
    sio_str payload = sio_frame_payload(frame);
    const size_t type = frame->typed ? 1 : 0, before = 1 + type;
    size_t len = before + sio_base64_encoded_size(payload.len - type);
    char *text = sio_mem_alloc(len);
    if (!text)
        return false;
    text[0] = 'b';
    if (type)
        text[1] = '0' + TYPE_MESSAGE;
    sio_base64_encode(text + before, payload.data + type, payload.len - type);
    frame->polling = text;
    frame->polling_len = (uint32_t)len;
    return true;
}

sio_str sio_frame_polling(sio_frame *frame)
{
    if (!frame->binary)
        return sio_frame_payload(frame);
    if (!frame->polling && !make_polling(frame))
        return (sio_str){ NULL, 0 };
    return (sio_str){ frame->polling, frame->polling_len };
}

void sio_frame_chain_plain(sio_frame *chain)
{
    for (; chain; chain = chain->next)
        chain->plain = chain->deflate_done = 1;
}
