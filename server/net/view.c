#include "net/view.h"

#include <sio/err.h>

#include "net/router.h"

int sio_view_init(sio_http_request *view, sio_conn *conn, const sio_request *request)
{
    *view = (sio_http_request){
        .handshake = sio_router_handshake(conn, request),
        .method = llhttp_method_name((llhttp_method_t)request->parser.method),
    };
    return view->handshake ? 0 : SIO_ENOMEM;
}

void sio_view_free(sio_http_request *view)
{
    sio_handshake_free(view->handshake);
}

const char *sio_http_request_method(const sio_http_request *request)
{
    return request->method;
}

const char *sio_http_request_url(const sio_http_request *request)
{
    return sio_handshake_url(request->handshake);
}

const char *sio_http_request_header(const sio_http_request *request, const char *name)
{
    return sio_handshake_header_get(request->handshake, name);
}

const char *sio_http_request_query(const sio_http_request *request, const char *name)
{
    return sio_handshake_query_get(request->handshake, name);
}

const char *sio_http_request_address(const sio_http_request *request)
{
    return sio_handshake_address(request->handshake);
}

bool sio_http_request_secure(const sio_http_request *request)
{
    return sio_handshake_secure(request->handshake);
}

const char *sio_http_request_subject(const sio_http_request *request)
{
    return sio_handshake_subject(request->handshake);
}
