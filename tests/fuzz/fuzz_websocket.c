/* WebSocket frames: the reader gives the same messages, and the same end, however its input is
 * cut. Input: how to cut (its lowest bits: from a server; deflated messages are allowed), the
 * greatest payload / 4, the bytes. */
#include "fuzz.h"

#include <sio/sys/deflate.h>
#include <sio/sys/text.h>
#include <sio/sys/ws.h>

static void note(sio_buf *transcript, const sio_ws_message *message, const sio_ws_rules *rules)
{
    FUZZ_CHECK(message->opcode != SIO_WS_CONTINUATION);
    FUZZ_CHECK(message->len <= (message->opcode < SIO_WS_CLOSE ? rules->max_payload : 125));
    if (message->opcode == SIO_WS_TEXT || message->opcode == SIO_WS_CLOSE)
        FUZZ_CHECK(sio_utf8_valid(message->data, message->len));
    sio_buf_printf(transcript, "%d %d %zu ", message->opcode,
                   message->opcode == SIO_WS_CLOSE ? message->close_code : 0, message->len);
    sio_buf_append(transcript, message->data, message->len);
}

/* One piece; false when nothing may follow. */
static bool read_piece(sio_ws_reader *reader, sio_str piece, const sio_ws_rules *rules,
                       sio_buf *transcript)
{
    char *copy = fuzz_copy(piece), *at = copy;
    size_t left = piece.len;
    sio_ws_message message;
    int code = 0, result;
    while ((result = sio_ws_reader_next(reader, &at, &left, rules, &message, &code)) == 1) {
        FUZZ_CHECK(at + left == copy + piece.len);
        note(transcript, &message, rules);
        if (message.opcode == SIO_WS_CLOSE)
            break;
    }
    FUZZ_CHECK(result != 0 || left == 0);
    if (result < 0)
        sio_buf_printf(transcript, "error %d", code);
    free(copy);
    return result == 0;
}

static void read_all(sio_str bytes, uint32_t seed, const sio_ws_rules *rules, sio_buf *transcript)
{
    sio_ws_reader reader = { 0 };
    while (bytes.len > 0) {
        const size_t len = fuzz_piece(&seed, bytes.len);
        if (!read_piece(&reader, (sio_str){ bytes.data, len }, rules, transcript))
            break;
        bytes = (sio_str){ bytes.data + len, bytes.len - len };
    }
    sio_ws_reader_free(&reader);
    FUZZ_CHECK(transcript->err == 0);
}

static void check_header(sio_str bytes)
{
    sio_ws_header header;
    uint8_t out[SIO_WS_HEADER_MAX];
    char *copy = fuzz_copy(bytes);
    if (sio_ws_header_read(&header, copy, bytes.len) == 0 && header.fin && header.rsv == 0) {
        FUZZ_CHECK(header.size == sio_ws_header_write(out, (sio_ws_opcode)header.opcode,
                                                      header.length,
                                                      header.masked ? header.mask : NULL));
        FUZZ_CHECK(memcmp(out, copy, header.size) == 0);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const uint8_t seed = fuzz_byte(&input);
    sio_ws_inflater *inflater = NULL;
    FUZZ_CHECK(!(seed & 2) || sio_ws_inflater_new(&inflater) == 0);
    const sio_ws_rules rules = { .from_client = !(seed & 1),
                                 .max_payload = 4u * fuzz_byte(&input),
                                 .inflater = inflater };
    const sio_str bytes = fuzz_take(&input, input.left);
    sio_buf whole = { 0 }, cut = { 0 };
    check_header(bytes);
    read_all(bytes, 0, &rules, &whole);
    read_all(bytes, seed >> 1, &rules, &cut);
    FUZZ_CHECK(sio_str_equal((sio_str){ whole.data, whole.len }, (sio_str){ cut.data, cut.len }));
    sio_buf_free(&whole);
    sio_buf_free(&cut);
    sio_ws_inflater_free(inflater);
    return 0;
}
