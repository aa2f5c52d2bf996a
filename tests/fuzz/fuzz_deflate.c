/* permessage-deflate: what is agreed to is agreed to again, nothing inflates beyond its limit, and
 * what is deflated inflates to itself. Input: the limit / 64, offers of extensions up to a line
 * feed, a deflated message. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/deflate.h>
#include <sio/sys/ws.h>

static void check_offers(sio_str offers)
{
    char answer[SIO_WS_EXTENSION_SIZE], again[SIO_WS_EXTENSION_SIZE];
    char *copy = fuzz_copy(offers);
    const int window = sio_ws_negotiate(answer, (sio_str){ copy, offers.len });
    free(copy);
    FUZZ_CHECK(window == SIO_EPARSE || window == 0 ||
               (window >= SIO_WS_WINDOW_MIN && window <= SIO_WS_WINDOW_MAX));
    if (window <= 0)
        return;
    FUZZ_CHECK(sio_ws_negotiate(again, sio_str_from(answer)) == window);
    FUZZ_CHECK(strcmp(answer, again) == 0);
}

/* `out` is empty. */
static int inflate_to(sio_ws_inflater *inflater, sio_buf *out, sio_str deflated, size_t max)
{
    char *copy = fuzz_copy(deflated);
    const int err = sio_ws_inflate(inflater, out, (sio_str){ copy, deflated.len }, max);
    FUZZ_CHECK(out->len <= max + (err == SIO_ELIMIT));
    free(copy);
    return err;
}

static void check_round_trip(sio_ws_deflater *deflater, sio_ws_inflater *inflater, sio_str plain)
{
    const size_t room = plain.len + plain.len / 8 + 64;
    char *deflated = malloc(room);
    FUZZ_CHECK(deflated);
    const int64_t len = sio_ws_deflate(deflater, deflated, room, plain);
    sio_buf out = { 0 };
    FUZZ_CHECK(len >= 0);
    FUZZ_CHECK(inflate_to(inflater, &out, (sio_str){ deflated, (size_t)len }, plain.len) == 0);
    FUZZ_CHECK(sio_str_equal((sio_str){ out.data, out.len }, plain));
    sio_buf_free(&out);
    free(deflated);
}

/* A frame, deflated where that is of use, as its client reads it. */
static void check_frame(sio_ws_deflater *deflater, sio_ws_inflater *inflater, sio_str payload)
{
    const sio_ws_rules rules = { .max_payload = payload.len, .inflater = inflater };
    sio_ws_reader reader = { 0 };
    sio_ws_message message;
    sio_frame *frame = sio_frame_new(payload, true);
    int code;
    FUZZ_CHECK(frame);
    const sio_str wire = sio_frame_deflated(frame, deflater);
    FUZZ_CHECK(wire.len <= frame->len);
    char *copy = fuzz_copy(wire), *at = copy;
    size_t left = wire.len;
    FUZZ_CHECK(sio_ws_reader_next(&reader, &at, &left, &rules, &message, &code) == 1);
    FUZZ_CHECK(sio_str_equal(payload, (sio_str){ message.data, message.len }));
    FUZZ_CHECK(sio_ws_reader_next(&reader, &at, &left, &rules, &message, &code) == 0);
    sio_ws_reader_free(&reader);
    sio_frame_unref(frame);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const sio_ws_deflate_config config = { .threshold = 1, .level = 1, .mem_level = 1 };
    fuzz_input input = { data, size };
    sio_ws_deflater *deflater;
    sio_ws_inflater *inflater;
    FUZZ_CHECK(!sio_ws_deflater_new(&deflater, &config) && !sio_ws_inflater_new(&inflater));
    const size_t max = 64u * fuzz_byte(&input);
    check_offers(fuzz_take_until(&input, '\n'));
    const sio_str message = fuzz_take(&input, input.left);
    sio_buf plain = { 0 };
    if (inflate_to(inflater, &plain, message, max) == 0)
        check_round_trip(deflater, inflater, (sio_str){ plain.data, plain.len });
    check_round_trip(deflater, inflater, message);
    check_frame(deflater, inflater, message);
    sio_buf_free(&plain);
    sio_ws_inflater_free(inflater);
    sio_ws_deflater_free(deflater);
    return 0;
}
