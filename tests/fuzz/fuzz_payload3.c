/* Payloads of Engine.IO 3, of text or, after a first byte that is odd, of bytes: what was read and
 * is written again reads the same. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/eio3.h>
#include <sio/sys/text.h>

/* The packet as it stands in a payload. */
static void make_packet(sio_buf *out, const sio_eio_packet *packet, bool binary)
{
    const sio_str data = packet->data;
    if (packet->binary && binary) {
        sio_buf_byte(out, (char)(packet->type - '0'));
    } else if (packet->binary) {
        const size_t size = sio_base64_encoded_size(data.len);
        sio_buf_byte(out, 'b');
        sio_buf_byte(out, (char)packet->type);
        char *to = sio_buf_reserve(out, size);
        FUZZ_CHECK(to);
        sio_base64_encode(to, data.data, data.len);
        out->len += size;
        return;
    } else {
        sio_buf_byte(out, (char)packet->type);
    }
    sio_buf_append(out, data.data, data.len);
}

static void write_packet(sio_buf *out, const sio_eio_packet *packet, bool binary)
{
    char prefix[SIO_EIO3_PREFIX_MAX];
    sio_buf made = { 0 };
    make_packet(&made, packet, binary);
    const sio_str text = { made.data, made.len };
    const size_t len = binary ? sio_eio3_prefix_binary(prefix, text, packet->binary)
                              : sio_eio3_prefix(prefix, text);
    FUZZ_CHECK(len <= sizeof prefix && !made.err);
    sio_buf_append(out, prefix, len);
    sio_buf_append(out, made.data, made.len);
    sio_buf_free(&made);
}

/* Reads all packets, and writes them to `out`. Returns how the walk ended. */
static int walk(sio_str bytes, bool binary, sio_buf *out)
{
    char *copy = fuzz_copy(bytes);
    sio_eio3_payload payload = { .data = copy, .len = bytes.len, .binary = binary };
    sio_eio_packet packet;
    int result;
    while ((result = sio_eio3_payload_next(&payload, &packet)) == 1) {
        FUZZ_CHECK(packet.data.data >= copy &&
                   packet.data.data + packet.data.len <= copy + bytes.len);
        FUZZ_CHECK(packet.type >= SIO_EIO_OPEN && packet.type <= SIO_EIO_NOOP);
        write_packet(out, &packet, binary);
    }
    FUZZ_CHECK(result == 0 || result == SIO_EPARSE);
    FUZZ_CHECK(sio_eio3_payload_next(&payload, &packet) == 0);
    FUZZ_CHECK(out->err == 0);
    free(copy);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const bool binary = data[0] & 1;
    sio_buf first = { 0 }, second = { 0 };
    const int result = walk((sio_str){ (const char *)data + 1, size - 1 }, binary, &first);
    FUZZ_CHECK(size > 1 || (result == SIO_EPARSE) == !binary);
    if (first.len > 0)
        FUZZ_CHECK(walk((sio_str){ first.data, first.len }, binary, &second) == 0);
    FUZZ_CHECK(
        sio_str_equal((sio_str){ first.data, first.len }, (sio_str){ second.data, second.len }));
    sio_buf_free(&first);
    sio_buf_free(&second);
    return 0;
}
