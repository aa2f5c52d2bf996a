#include "core/trace.h"

#include <stdio.h>

#define NAME_MAX 100u

/* At the beginning of a letter. */
static sio_str cut(sio_str text)
{
    if (text.len <= NAME_MAX)
        return text;
    text.len = NAME_MAX;
    while (text.len > 0 && ((uint8_t)text.data[text.len] & 0xc0) == 0x80)
        text.len--;
    return text;
}

sio_str sio_trace_event(const sio_packet *packet)
{
    size_t len;
    const char *name = sio_value_string(sio_value_at(&packet->data, 0), &len);
    return name ? cut((sio_str){ name, len }) : SIO_STR("");
}

static const char *name_of(sio_packet_type type)
{
    switch (type) {
    case SIO_PACKET_CONNECT:
        return "connect";
    case SIO_PACKET_DISCONNECT:
        return "disconnect";
    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
        return "event";
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
        return "ack";
    case SIO_PACKET_CONNECT_ERROR:
        return "connect_error";
    }
    return "packet";
}

/* A namespace may come with a query behind it, which is the application's. */
static sio_str path_of(sio_str nsp)
{
    const char *query = nsp.len ? memchr(nsp.data, '?', nsp.len) : NULL;
    return cut(query ? (sio_str){ nsp.data, (size_t)(query - nsp.data) } : nsp);
}

void sio_trace_packet(const sio_client *client, const char *verb, const sio_packet *packet)
{
    const bool event = packet->type == SIO_PACKET_EVENT;
    const sio_str name = event ? sio_trace_event(packet) : SIO_STR("");
    const sio_str nsp = path_of(packet->nsp);
    const char *quote = event ? "\"" : "", *blank = event ? " " : "";
    char id[40] = "";
    if (packet->has_id)
        snprintf(id, sizeof(id), " with id %llu", (unsigned long long)packet->id);
    sio_core_write_log_of(client->server, SIO_LOG_TRACE, SIO_LOG_SOCKET,
                          SIO_LOG_ABOUT(.client = client, .nsp = nsp, .event = name),
                          "client " SIO_CLIENT_TAG " %s %s%s%s%.*s%s of %.*s%s", client->sid, verb,
                          name_of(packet->type), blank, quote, (int)name.len, name.data, quote,
                          (int)nsp.len, nsp.data, id);
}
