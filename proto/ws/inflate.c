#include <sio/sys/deflate.h>

#include <sio/err.h>

#include "ws/zmemory.h"

/* What zlib says in data_type at the end of a block with no bit left over. */
#define AT_BOUNDARY 128

/* Text becomes about as much longer. */
#define USUAL_RATIO 4

#define FINAL_BLOCK 1

struct sio_ws_inflater {
    z_stream stream;
};

int sio_ws_inflater_new(sio_ws_inflater **out)
{
    sio_ws_inflater *inflater = sio_mem_zalloc(sizeof *inflater);
    if (!inflater)
        return SIO_ENOMEM;
    inflater->stream = SIO_Z_STREAM;
    if (inflateInit2(&inflater->stream, -SIO_WS_WINDOW_MAX) != Z_OK) {
        sio_mem_free(inflater);
        return SIO_ENOMEM;
    }
    *out = inflater;
    return 0;
}

void sio_ws_inflater_free(sio_ws_inflater *inflater)
{
    if (!inflater)
        return;
    inflateEnd(&inflater->stream);
    sio_mem_free(inflater);
}

/* Room for what comes next; never for more than one byte beyond `max`, which says that there is
 * more. */
static int make_room(z_stream *stream, sio_buf *out, size_t max)
{
    size_t room = out->cap - out->len, left = max - out->len + 1;
    if (room == 0) {
        const size_t wanted = out->len ? out->len : (size_t)stream->avail_in * USUAL_RATIO + 64;
        room = wanted < left ? wanted : left;
    }
    char *at = sio_buf_reserve(out, room);
    if (!at)
        return out->err;
    stream->next_out = (Bytef *)at;
    stream->avail_out = (uInt)(room < left ? room : left);
    return 0;
}

/* Returns FINAL_BLOCK after the last one of a stream: what follows it means nothing. */
static int feed(z_stream *stream, sio_buf *out, sio_str deflated, size_t max)
{
    stream->next_in = (Bytef *)(uintptr_t)deflated.data;
    stream->avail_in = (uInt)deflated.len;
    do {
        int err = make_room(stream, out, max);
        if (err)
            return err;
        const uInt room = stream->avail_out;
        err = inflate(stream, Z_SYNC_FLUSH);
        out->len += room - stream->avail_out;
        if (out->len > max)
            return SIO_ELIMIT;
        if (err == Z_STREAM_END)
            return FINAL_BLOCK;
        if (err != Z_OK && err != Z_BUF_ERROR)
            return err == Z_MEM_ERROR ? SIO_ENOMEM : SIO_EPARSE;
    } while (stream->avail_in > 0 || stream->avail_out == 0);
    return 0;
}

/* Some senders leave nothing of a message of nothing. */
int sio_ws_inflate(sio_ws_inflater *inflater, sio_buf *out, sio_str deflated, size_t max)
{
    z_stream *stream = &inflater->stream;
    if (deflated.len == 0)
        return 0;
    inflateReset(stream);
    int rc = feed(stream, out, deflated, max);
    if (rc == 0)
        rc = feed(stream, out, SIO_STR("\0\0\xff\xff"), max);
    if (rc == FINAL_BLOCK)
        return 0;
    if (rc == 0 && stream->data_type != AT_BOUNDARY)
        return SIO_EPARSE;
    return rc;
}
