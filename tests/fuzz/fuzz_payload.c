/* Engine.IO payloads: what was read and is written again reads the same; and a session, with a
 * probe under way, that gets the packets. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/eio.h>
#include <sio/sys/text.h>

static void write_packet(sio_buf *out, const sio_eio_packet *packet)
{
    if (out->len > 0)
        sio_buf_byte(out, SIO_EIO_SEPARATOR);
    if (!packet->binary) {
        sio_buf_byte(out, (char)packet->type);
        sio_buf_append(out, packet->data.data, packet->data.len);
        return;
    }
    const size_t size = sio_base64_encoded_size(packet->data.len);
    sio_buf_byte(out, 'b');
    char *to = sio_buf_reserve(out, size);
    FUZZ_CHECK(to);
    sio_base64_encode(to, packet->data.data, packet->data.len);
    out->len += size;
}

static void check_action(const sio_eio_session *session, sio_eio_action action, bool was_open)
{
    FUZZ_CHECK((action == SIO_EIO_DO_CLOSE) ==
               (was_open && session->state == SIO_EIO_STATE_CLOSED));
    FUZZ_CHECK(action != SIO_EIO_DO_UPGRADE || session->transport == SIO_EIO_WEBSOCKET);
    FUZZ_CHECK(session->state == SIO_EIO_STATE_OPEN || session->reason != SIO_EIO_NONE);
    FUZZ_CHECK(*sio_eio_reason_text(session->reason) || session->state == SIO_EIO_STATE_OPEN);
}

/* The length of a packet decides who says it, and when time passes. */
static void step(sio_eio_session *session, const sio_eio_packet *packet)
{
    const bool open = session->state == SIO_EIO_STATE_OPEN;
    sio_eio_action action;
    if (packet->data.len % 4 == 3)
        action = sio_eio_session_tick(session);
    else if (session->upgrading)
        action = sio_eio_session_probe_packet(session, packet);
    else
        action = sio_eio_session_packet(session, packet);
    check_action(session, action, open);
    if (packet->data.len % 4 == 2 && sio_eio_session_probe(session) == 0)
        FUZZ_CHECK(session->upgrading);
}

/* Reads all packets, and writes them to `out`. Returns how the walk ended. */
static int walk(sio_str bytes, sio_buf *out)
{
    char *copy = fuzz_copy(bytes);
    sio_eio_payload payload = { .data = copy, .len = bytes.len };
    sio_eio_packet packet;
    sio_eio_session session;
    int result;
    sio_eio_session_init(&session, SIO_EIO_POLLING, SIO_EIO_4);
    while ((result = sio_eio_payload_next(&payload, &packet)) == 1) {
        FUZZ_CHECK(
            packet.data.len == 0 ||
            (packet.data.data >= copy && packet.data.data + packet.data.len <= copy + bytes.len));
        FUZZ_CHECK(!packet.binary || packet.type == SIO_EIO_MESSAGE);
        write_packet(out, &packet);
        step(&session, &packet);
    }
    FUZZ_CHECK(result == 0 || result == SIO_EPARSE);
    FUZZ_CHECK(sio_eio_payload_next(&payload, &packet) == 0);
    FUZZ_CHECK(out->err == 0);
    free(copy);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_buf first = { 0 }, second = { 0 };
    const int result = walk((sio_str){ (const char *)data, size }, &first);
    FUZZ_CHECK(size > 0 || result == SIO_EPARSE);
    if (first.len > 0)
        FUZZ_CHECK(walk((sio_str){ first.data, first.len }, &second) == 0);
    FUZZ_CHECK(
        sio_str_equal((sio_str){ first.data, first.len }, (sio_str){ second.data, second.len }));
    sio_buf_free(&first);
    sio_buf_free(&second);
    return 0;
}
