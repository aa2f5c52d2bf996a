/* UTF-8, base64 and the text of numbers: pieces agree with the whole, and back is where it came
 * from. Input: how to cut, then the bytes. */
#include "fuzz.h"

#include <sio/sys/text.h>

static void check_utf8(sio_str text, uint32_t seed)
{
    const bool valid = sio_utf8_valid(text.data, text.len);
    uint32_t state = 0;
    for (size_t at = 0; at < text.len;) {
        const size_t len = fuzz_piece(&seed, text.len - at);
        state = sio_utf8_feed(state, text.data + at, len);
        at += len;
    }
    FUZZ_CHECK(valid == (state == 0));
    const size_t size = sio_utf8_repair(NULL, text.data, text.len);
    FUZZ_CHECK(size <= 3 * text.len);
    char *repaired = fuzz_copy((sio_str){ NULL, 0 });
    repaired = realloc(repaired, size ? size : 1);
    FUZZ_CHECK(repaired && sio_utf8_repair(repaired, text.data, text.len) == size);
    FUZZ_CHECK(sio_utf8_valid(repaired, size));
    FUZZ_CHECK(!valid || sio_str_equal(text, (sio_str){ repaired, size }));
    free(repaired);
}

static void check_base64(sio_str bytes)
{
    const size_t size = sio_base64_encoded_size(bytes.len);
    char *text = malloc(size + 1);
    FUZZ_CHECK(text);
    sio_base64_encode(text, bytes.data, bytes.len);
    FUZZ_CHECK(sio_base64_decoded_size(size) >= bytes.len);
    FUZZ_CHECK(sio_base64_decode(text, text, size) == bytes.len); /* in place, as payloads do */
    FUZZ_CHECK(bytes.len == 0 || memcmp(text, bytes.data, bytes.len) == 0);
    free(text);
    char *decoded = malloc(sio_base64_decoded_size(bytes.len) + 1);
    FUZZ_CHECK(decoded);
    const size_t len = sio_base64_decode(decoded, bytes.data, bytes.len);
    FUZZ_CHECK(len <= sio_base64_decoded_size(bytes.len));
    free(decoded);
}

static void check_number(sio_str bytes)
{
    double number = 0;
    char text[SIO_NUMBER_SIZE + 1];
    memcpy(&number, bytes.data, bytes.len < sizeof number ? bytes.len : sizeof number);
    const size_t len = sio_number_text(text, number);
    FUZZ_CHECK(len > 0 && len <= SIO_NUMBER_SIZE);
    text[len] = '\0';
    if (number - number == 0)
        FUZZ_CHECK(strtod(text, NULL) == number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const uint8_t seed = fuzz_byte(&input);
    const sio_str bytes = fuzz_take(&input, input.left);
    char *copy = fuzz_copy(bytes);
    const sio_str exact = { copy, bytes.len };
    check_utf8(exact, seed);
    check_base64(exact);
    check_number(exact);
    free(copy);
    return 0;
}
