#include "net/exchange.h"

#include <sio/sys/mem.h>

#include "net/admission.h"

sio_exchange *sio_exchange_get(sio_conn *conn)
{
    if (!conn->exchange)
        conn->exchange = sio_mem_zalloc(sizeof(*conn->exchange));
    return conn->exchange;
}

sio_str sio_exchange_lines(const sio_conn *conn)
{
    const sio_buf *lines = conn->exchange ? &conn->exchange->headers.lines : NULL;
    return lines && lines->len ? (sio_str){ lines->data, lines->len } : SIO_STR("");
}

void sio_exchange_end(sio_conn *conn)
{
    sio_exchange *exchange = conn->exchange;
    if (!exchange)
        return;
    conn->exchange = NULL;
    if (exchange->admission)
        sio_admission_abandon(exchange->admission);
    sio_buf_free(&exchange->headers.lines);
    sio_mem_free(exchange);
}
