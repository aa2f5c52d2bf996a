#include <sio/sys/packet.h>

bool sio_packet_reserved(sio_str event)
{
    static const sio_str names[] = {
        { "connect", 7 },        { "connect_error", 13 }, { "disconnect", 10 },
        { "disconnecting", 13 }, { "newListener", 11 },   { "removeListener", 14 },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (sio_str_equal(event, names[i]))
            return true;
    }
    return false;
}
