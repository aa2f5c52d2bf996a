/* Socket.IO packets: what the decoder takes, the encoder writes and the decoder reads as the same.
 * Input: messages separated by 0x1e; one that starts with `b` is binary, all others are text. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

#define MAX_BYTES 1000

/* The name alone has a limit, not what revision 3 puts behind it. */
static size_t name_length(sio_str nsp)
{
    const char *query = memchr(nsp.data, '?', nsp.len);
    return query ? (size_t)(query - nsp.data) : nsp.len;
}

static void check_packet(const sio_packet *packet)
{
    FUZZ_CHECK(packet->type < SIO_PACKET_BINARY_EVENT);
    FUZZ_CHECK(packet->nsp.len > 0 && name_length(packet->nsp) <= SIO_LIMIT_NAME);
    FUZZ_CHECK(sio_utf8_valid(packet->nsp.data, packet->nsp.len));
    FUZZ_CHECK(packet->id < UINT64_C(1) << 53 && (packet->has_id || packet->id == 0));
    FUZZ_CHECK(packet->data.type != SIO_TYPE_NULL);
    if (packet->type == SIO_PACKET_EVENT || packet->type == SIO_PACKET_ACK)
        FUZZ_CHECK(packet->data.type == SIO_TYPE_ARRAY);
}

static void check_same(const sio_packet *a, const sio_packet *b)
{
    FUZZ_CHECK(a->type == b->type && sio_str_equal(a->nsp, b->nsp));
    FUZZ_CHECK(a->has_id == b->has_id && a->id == b->id);
    if (fuzz_json_is_exact(&a->data))
        FUZZ_CHECK(sio_value_equal(&a->data, &b->data));
}

/* A chain of frames as a client gets it, message by message. */
static void decode(sio_decoder *decoder, sio_arena *arena, const sio_frame *chain, sio_packet *out)
{
    const sio_str text = sio_frame_payload(chain);
    FUZZ_CHECK(!chain->binary && text.len > 1 && text.data[0] == '4');
    int result = sio_decoder_text(decoder, arena, text.data + 1, text.len - 1, out);
    while ((chain = chain->next)) {
        const sio_str bytes = sio_frame_payload(chain);
        FUZZ_CHECK(result == 0 && chain->binary);
        result = sio_decoder_binary(decoder, bytes.data, bytes.len, SIO_LIMIT_LENGTH, out);
    }
    FUZZ_CHECK(result == 1);
}

static void check_frames(const sio_frame *a, const sio_frame *b)
{
    for (; a && b; a = a->next, b = b->next)
        FUZZ_CHECK(sio_str_equal(sio_frame_payload(a), sio_frame_payload(b)));
    FUZZ_CHECK(!a && !b);
}

/* An event whose name is an infinite number, which JSON writes as null: clients may say it, and
 * handlers know it as "Infinity", but nobody can pass it on. */
static bool is_unspeakable(const sio_packet *packet)
{
    const sio_value *name = sio_value_at(&packet->data, 0);
    return packet->type == SIO_PACKET_EVENT && sio_value_type(name) == SIO_TYPE_DOUBLE &&
           !fuzz_json_is_exact(name);
}

static void check_round(const sio_packet *packet)
{
    sio_frame *first, *second;
    sio_decoder decoder = { 0 };
    sio_arena arena = { 0 };
    sio_packet again;
    check_packet(packet);
    if (is_unspeakable(packet))
        return;
    const int err = sio_packet_encode(packet, &first);
    if (err == SIO_ELIMIT) /* one attachment may stand in many places, each is one for us */
        return;
    FUZZ_CHECK(err == 0);
    decode(&decoder, &arena, first, &again);
    check_same(packet, &again);
    FUZZ_CHECK(sio_packet_encode(&again, &second) == 0);
    check_frames(first, second);
    sio_frame_unref(first);
    sio_frame_unref(second);
    sio_decoder_free(&decoder);
    sio_arena_free(&arena);
}

/* Returns what the decoder says. */
static int take(sio_decoder *decoder, sio_arena *arena, sio_str message)
{
    const bool binary = message.len > 0 && message.data[0] == 'b';
    if (binary)
        message = (sio_str){ message.data + 1, message.len - 1 };
    char *copy = fuzz_copy(message);
    sio_packet packet;
    const int result = binary ? sio_decoder_binary(decoder, copy, message.len, MAX_BYTES, &packet)
                              : sio_decoder_text(decoder, arena, copy, message.len, &packet);
    if (result == 1)
        check_round(&packet);
    free(copy);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    sio_decoder decoder = { 0 };
    sio_arena arena = { 0 };
    while (input.left > 0 && take(&decoder, &arena, fuzz_take_until(&input, 0x1e)) >= 0)
        sio_arena_reset(&arena);
    sio_decoder_free(&decoder);
    sio_arena_free(&arena);
    return 0;
}
