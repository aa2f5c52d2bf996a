#include <string.h>

#include "example.h"

/* [admission] */
static void allow_request(sio_server *io, const sio_http_request *request, sio_admission *admission,
                          void *data)
{
    (void)io, (void)data;
    const char *key = sio_http_request_header(request, "x-key");
    if (key && strcmp(key, "let me in") == 0)
        sio_admission_allow(admission); /* now, or later from another callback */
    else
        sio_admission_refuse(admission, "no key");
}
/* [end] */

/* [headers] */
static void on_headers(sio_server *io, const sio_http_request *request, sio_headers *headers,
                       void *data)
{
    (void)io, (void)request, (void)data;
    if (sio_headers_add(headers, "X-Node", "eu-1"))
        return; /* the answer goes out without it */
}
/* [end] */

/* [internet] */
static const sio_limit_options internet = {
    .max_connections = 20000,
    .max_connections_per_address = 200,
    .new_connections = { .per_second = 20, .burst = 100 },
    .packets = { .per_second = 100, .burst = 500 },
    .bytes = { .per_second = 200 * 1000, .burst = 2 * 1000 * 1000 },
    .max_rooms_per_socket = 100,
    .max_buffered_total = 1024u * 1024 * 1024,
};
/* [end] */

static int setup(sio_server *io)
{
    return sio_server_of(io, "/") ? 0 : SIO_ENOMEM;
}

int main(int argc, char **argv)
{
    /* [options] */
    const sio_server_options options = {
        .path = "/realtime",
        .ping_interval_ms = 10000,
        .ping_timeout_ms = 5000,
        .max_payload = 100 * 1000,
        .cors = { .origins = SIO_ORIGINS("https://app.example.org", "https://*.example.com"),
                  .credentials = true },
        .cookie = { .name = "node", .secure = false, .same_site = SIO_SAME_SITE_STRICT },
        .per_message_deflate = { .enable = true, .threshold = 2048 },
        .limits = internet,
        .allow_request = allow_request,
        .on_headers = on_headers,
    };
    /* [end] */
    return example_run(argc, argv, options, setup);
}
