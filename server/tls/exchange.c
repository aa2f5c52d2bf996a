#include "exchange.h"

int sio_tls_exchange_event(sio_tls_owner *owner, struct lws *wsi, enum lws_callback_reasons reason,
                           void *in, size_t len)
{
    (void)owner;
    return lws_callback_http_dummy(wsi, reason, NULL, in, len);
}

void sio_tls_exchange_free(sio_tls_exchange *exchange)
{
    (void)exchange;
}
