/* A decoded packet as text, `type nsp id json`, for comparison. */
#ifndef SIO_TESTS_PACKET_TEXT_H
#define SIO_TESTS_PACKET_TEXT_H

#include "check.h"

#include <sio/sys/packet.h>

static inline void check_packet(const sio_packet *packet, const char *expected)
{
    static const char *const names[] = { "connect", "disconnect", "event", "ack", "error" };
    assert_true(packet->type <= SIO_PACKET_CONNECT_ERROR);
    sio_buf text = { 0 };
    sio_buf_text(&text, names[packet->type]);
    sio_buf_byte(&text, ' ');
    sio_buf_append(&text, packet->nsp.data, packet->nsp.len);
    if (packet->has_id)
        sio_buf_printf(&text, " %llu", (unsigned long long)packet->id);
    if (packet->data.type != SIO_TYPE_UNDEFINED) {
        sio_buf_byte(&text, ' ');
        assert_int_equal(sio_json_write(&text, &packet->data, NULL), 0);
    }
    sio_buf_byte(&text, '\0');
    assert_int_equal(text.err, 0);
    assert_string_equal(text.data, expected);
    sio_buf_free(&text);
}

#endif
