#include "net/compressor.h"

#include <stdint.h>

#include <zlib.h>

struct sio_compressor {
    z_stream streams[SIO_ENCODING_COUNT];
    bool ready[SIO_ENCODING_COUNT];
};

sio_compressor *sio_compressor_new(void)
{
    return sio_mem_zalloc(sizeof(sio_compressor));
}

void sio_compressor_free(sio_compressor *compressor)
{
    for (int i = 0; compressor && i < SIO_ENCODING_COUNT; i++) {
        if (compressor->ready[i])
            deflateEnd(&compressor->streams[i]);
    }
    sio_mem_free(compressor);
}

static void *allocate(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return sio_mem_alloc((size_t)count * size);
}

static void release(void *opaque, void *memory)
{
    (void)opaque;
    sio_mem_free(memory);
}

/* zlib writes the one or the other around the same data. */
static bool open_stream(z_stream *stream, sio_encoding encoding, int level)
{
    const int window = encoding == SIO_ENCODING_GZIP ? MAX_WBITS + 16 : MAX_WBITS;
    *stream = (z_stream){ .zalloc = allocate, .zfree = release };
    return deflateInit2(stream, level, Z_DEFLATED, window, MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY) ==
           Z_OK;
}

static sio_blob *run(z_stream *stream, sio_str text)
{
    const size_t bound = deflateBound(stream, text.len);
    sio_blob *blob = sio_blob_new(bound);
    if (!blob)
        return NULL;
    stream->next_in = (Bytef *)(uintptr_t)text.data;
    stream->avail_in = (uInt)text.len;
    stream->next_out = (Bytef *)blob->data;
    stream->avail_out = (uInt)bound;
    if (deflate(stream, Z_FINISH) != Z_STREAM_END) {
        sio_blob_unref(blob);
        return NULL;
    }
    blob->len = bound - stream->avail_out;
    sio_blob *fitted = sio_mem_realloc(blob, sizeof(*blob) + blob->len);
    return fitted ? fitted : blob;
}

sio_blob *sio_compressor_run(sio_compressor *compressor, sio_encoding encoding, sio_str text)
{
    z_stream *stream = &compressor->streams[encoding];
    bool *ready = &compressor->ready[encoding];
    if (*ready)
        deflateReset(stream);
    else
        *ready = open_stream(stream, encoding, Z_BEST_SPEED);
    return *ready ? run(stream, text) : NULL;
}

sio_blob *sio_compressor_run_once(sio_encoding encoding, sio_str text)
{
    z_stream stream;
    if (!open_stream(&stream, encoding, Z_DEFAULT_COMPRESSION))
        return NULL;
    sio_blob *blob = run(&stream, text);
    deflateEnd(&stream);
    return blob;
}
