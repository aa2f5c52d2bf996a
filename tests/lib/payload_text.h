/* Packets of a payload as text: `type:data;` for each, `b` before a type of bytes, `!` for the
 * error at their end. */
#ifndef SIO_TESTS_PAYLOAD_TEXT_H
#define SIO_TESTS_PAYLOAD_TEXT_H

#include <sio/err.h>
#include <sio/sys/buf.h>
#include <sio/sys/eio.h>

#include "check.h"

static inline void payload_text_add(sio_buf *text, const sio_eio_packet *packet)
{
    sio_buf_text(text, packet->binary ? "b" : "");
    sio_buf_byte(text, (char)packet->type);
    sio_buf_byte(text, ':');
    sio_buf_append(text, packet->data.data, packet->data.len);
    sio_buf_byte(text, ';');
}

/* `rc`: of the call that gave no packet. */
static inline void payload_text_end(sio_buf *text, int rc)
{
    if (rc < 0) {
        assert_int_equal(rc, SIO_EPARSE);
        sio_buf_byte(text, '!');
    }
    sio_buf_byte(text, '\0');
}

#endif
