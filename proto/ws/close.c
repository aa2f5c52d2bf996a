#include "ws/close.h"

#include <sio/err.h>
#include <sio/sys/text.h>

/* Those of the protocol itself, those registered with IANA, those of applications. 1005, 1006 and
 * 1015 only stand for what never was sent. */
static bool valid_code(int code)
{
    if (code >= 3000)
        return code <= 4999;
    return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

int sio_ws_close_read(sio_ws_message *message)
{
    message->close_code = SIO_WS_CODE_NONE;
    if (message->len == 0)
        return 1;
    if (message->len == 1)
        return SIO_EPARSE;
    const uint8_t *code = (const uint8_t *)message->data;
    message->close_code = code[0] << 8 | code[1];
    message->data += 2;
    message->len -= 2;
    if (!valid_code(message->close_code))
        return SIO_EPARSE;
    return sio_utf8_valid(message->data, message->len) ? 1 : SIO_EUTF8;
}
