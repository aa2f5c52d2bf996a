#include "net/letter.h"

#include <string.h>

#include <sio/err.h>

static const char magic[8] = { 's', 'i', 'o', '-', 'h', 'a', 'n', 'd' };

sio_letter_head sio_letter_begin(sio_letter_kind kind)
{
    sio_letter_head head = { .version = SIO_LETTER_VERSION, .kind = kind };
    memcpy(head.magic, magic, sizeof(magic));
    return head;
}

static int read_sockets(sio_letter *out, const char *data, size_t len, size_t descriptors)
{
    out->count = len / sizeof(sio_letter_socket);
    if (len % sizeof(sio_letter_socket) || out->count != descriptors || out->count == 0 ||
        out->count > SIO_LIMIT_HANDOVER)
        return SIO_EPARSE;
    memcpy(out->sockets, data, len);
    for (size_t i = 0; i < out->count; i++)
        if (!memchr(out->sockets[i].path, '\0', sizeof(out->sockets[i].path)))
            return SIO_EPARSE;
    return 0;
}

static int read_connection(sio_letter *out, char *data, size_t len, size_t descriptors)
{
    if (len < sizeof(out->connection) || descriptors != 1)
        return SIO_EPARSE;
    memcpy(&out->connection, data, sizeof(out->connection));
    out->bytes = data + sizeof(out->connection);
    out->len = len - sizeof(out->connection);
    return 0;
}

static int read_body(sio_letter *out, char *data, size_t len, size_t descriptors)
{
    switch (out->kind) {
    case SIO_LETTER_ASK:
    case SIO_LETTER_READY:
        return len || descriptors ? SIO_EPARSE : 0;
    case SIO_LETTER_SOCKETS:
        return read_sockets(out, data, len, descriptors);
    case SIO_LETTER_REFUSE:
        out->text = (sio_str){ data, len };
        return descriptors ? SIO_EPARSE : 0;
    case SIO_LETTER_CONNECTION:
        return read_connection(out, data, len, descriptors);
    default:
        return SIO_EPARSE;
    }
}

int sio_letter_read(sio_letter *out, char *data, size_t len, size_t descriptors)
{
    sio_letter_head head;
    out->kind = 0;
    if (len < sizeof(head) || memcmp(data, magic, sizeof(magic)) != 0)
        return SIO_EPARSE;
    memcpy(&head, data, sizeof(head));
    if (head.version != SIO_LETTER_VERSION && head.kind != SIO_LETTER_REFUSE)
        return SIO_EPARSE;
    out->kind = (sio_letter_kind)head.kind;
    return read_body(out, data + sizeof(head), len - sizeof(head), descriptors);
}
