/* Packets of socket.io-msgpack-parser: what the decoder takes, the encoder writes and the decoder
 * reads as the same. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

static int decode(sio_arena *arena, sio_str bytes, sio_packet *out)
{
    char *copy = fuzz_copy(bytes);
    const int result = sio_packet_decode_msgpack(arena, copy, bytes.len, out);
    free(copy); /* nothing in the packet may point to it */
    FUZZ_CHECK(result != 0 && result <= 1);
    return result;
}

static void check_packet(const sio_packet *packet)
{
    FUZZ_CHECK(packet->type < SIO_PACKET_BINARY_EVENT);
    FUZZ_CHECK(packet->nsp.len <= SIO_LIMIT_NAME);
    FUZZ_CHECK(sio_utf8_valid(packet->nsp.data, packet->nsp.len));
    FUZZ_CHECK(packet->id <= SIO_PACKET_ID_MAX && (packet->has_id || packet->id == 0));
    FUZZ_CHECK(packet->data.depth <= SIO_LIMIT_DEPTH);
    if (packet->type == SIO_PACKET_EVENT || packet->type == SIO_PACKET_ACK)
        FUZZ_CHECK(packet->data.type == SIO_TYPE_ARRAY);
}

static void check_same(const sio_packet *a, const sio_packet *b)
{
    FUZZ_CHECK(a->type == b->type && sio_str_equal(a->nsp, b->nsp));
    FUZZ_CHECK(a->has_id == b->has_id && a->id == b->id);
    if (fuzz_json_is_exact(&a->data)) /* not NaN, which equals nothing */
        FUZZ_CHECK(sio_value_equal(&a->data, &b->data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_arena arena = { 0 };
    sio_packet packet, again;
    sio_frame *first, *second;
    if (decode(&arena, (sio_str){ (const char *)data, size }, &packet) == 1) {
        check_packet(&packet);
        FUZZ_CHECK(sio_packet_encode_msgpack(&packet, &first) == 0);
        FUZZ_CHECK(first->binary && !first->next);
        FUZZ_CHECK(decode(&arena, sio_frame_payload(first), &again) == 1);
        check_same(&packet, &again);
        FUZZ_CHECK(sio_packet_encode_msgpack(&again, &second) == 0);
        FUZZ_CHECK(sio_str_equal(sio_frame_payload(first), sio_frame_payload(second)));
        sio_frame_unref(first);
        sio_frame_unref(second);
    }
    sio_arena_free(&arena);
    return 0;
}
