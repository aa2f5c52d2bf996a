#include <sio/sys/deflate.h>

#include <sio/err.h>
#include <sio/sys/ws.h>

#include "ws/zmemory.h"

/* What a flush ends with, and the sender leaves out (section 7.2.1). */
#define TAIL 4

struct sio_ws_deflater {
    z_stream stream;
    uint32_t threshold;
    uint64_t count;
};

int sio_ws_deflater_new(sio_ws_deflater **out, const sio_ws_deflate_config *config)
{
    sio_ws_deflater *deflater = sio_mem_zalloc(sizeof *deflater);
    if (!deflater)
        return SIO_ENOMEM;
    deflater->stream = SIO_Z_STREAM;
    deflater->threshold = config->threshold;
    if (deflateInit2(&deflater->stream, config->level, Z_DEFLATED, -SIO_WS_WINDOW_MAX,
                     config->mem_level, Z_DEFAULT_STRATEGY) != Z_OK) {
        sio_mem_free(deflater);
        return SIO_ENOMEM;
    }
    *out = deflater;
    return 0;
}

void sio_ws_deflater_free(sio_ws_deflater *deflater)
{
    if (!deflater)
        return;
    deflateEnd(&deflater->stream);
    sio_mem_free(deflater);
}

uint64_t sio_ws_deflater_count(const sio_ws_deflater *deflater)
{
    return deflater->count;
}

/* The flush is complete only if it leaves room. */
int64_t sio_ws_deflate(sio_ws_deflater *deflater, void *out, size_t size, sio_str payload)
{
    z_stream *stream = &deflater->stream;
    deflater->count++;
    deflateReset(stream);
    stream->next_in = (Bytef *)(uintptr_t)payload.data;
    stream->avail_in = (uInt)payload.len;
    stream->next_out = out;
    stream->avail_out = (uInt)size;
    if (deflate(stream, Z_SYNC_FLUSH) != Z_OK || stream->avail_out == 0)
        return SIO_ELIMIT;
    return (int64_t)(size - stream->avail_out) - TAIL;
}

/* ---- the form of a frame ---- */

/* The header moves up to what follows it: a shorter payload may have a shorter one. */
static void put_header(sio_frame_form *form, sio_ws_opcode opcode, size_t len)
{
    uint8_t header[SIO_WS_HEADER_MAX];
    const size_t size = sio_ws_header_write(header, opcode, len, NULL);
    header[0] |= SIO_WS_RSV1;
    memmove(form->data + size, form->data + SIO_WS_HEADER_MAX, len);
    memcpy(form->data, header, size);
    form->len = (uint32_t)(size + len);
}

static sio_frame_form *shrink(sio_frame_form *form)
{
    sio_frame_form *shorter = sio_mem_realloc(form, sizeof *form + form->len);
    return shorter ? shorter : form;
}

/* NULL: it would be no shorter, or memory is out. */
static sio_frame_form *make_form(const sio_frame *frame, sio_ws_deflater *deflater)
{
    const sio_str payload = sio_frame_payload(frame);
    const size_t size = payload.len + TAIL;
    sio_frame_form *form = sio_mem_alloc(sizeof *form + SIO_WS_HEADER_MAX + size);
    if (!form)
        return NULL;
    const int64_t len = sio_ws_deflate(deflater, form->data + SIO_WS_HEADER_MAX, size, payload);
    if (len < 0) {
        sio_mem_free(form);
        return NULL;
    }
    put_header(form, frame->binary ? SIO_WS_BINARY : SIO_WS_TEXT, (size_t)len);
    return shrink(form);
}

sio_str sio_frame_deflated(sio_frame *frame, sio_ws_deflater *deflater)
{
    const size_t len = frame->len - frame->header;
    if (!frame->deflate_done) {
        frame->deflate_done = 1;
        if (len >= deflater->threshold && len <= SIO_LIMIT_DEFLATE)
            frame->deflated = make_form(frame, deflater);
    }
    if (frame->deflated)
        return (sio_str){ frame->deflated->data, frame->deflated->len };
    return sio_frame_wire(frame);
}
