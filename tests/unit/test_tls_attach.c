/* A server on a path of a web server of libwebsockets that does not come to life. */
#include <libwebsockets.h> /* before live.h: OpenSSL has an ENGINE too */

#include <sio/lws.h>

#include <sio/err.h>

#include "live.h"

static int on_page(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = { { .name = "http", .callback = on_page },
                                                  LWS_PROTOCOL_LIST_TERM };

/* All that was made goes all the same: `stop` closes the loop. */
static void a_port_that_is_taken(void **state)
{
    struct lws_context_creation_info info = { .port = sio_server_port(server),
                                              .protocols = protocols };
    (void)state;
    lws_set_log_level(0, NULL);
    assert_int_equal(sio_server_attach_lws(server, &info), 0);
    assert_int_equal(sio_lws_use_loop(&info, &loop), 0);
    assert_null(lws_create_context(&info));
}

static void a_vhost_without_protocols(void **state)
{
    struct lws_context_creation_info info = { .port = 0 };
    (void)state;
    assert_int_equal(sio_server_attach_lws(server, &info), SIO_EINVAL);
    assert_non_null(strstr(sio_server_error(server), "no protocol of its own"));
}

static void a_vhost_that_has_a_server(void **state)
{
    struct lws_context_creation_info info = { .port = 0, .protocols = protocols };
    (void)state;
    assert_int_equal(sio_server_attach_lws(server, &info), 0);
    assert_int_equal(sio_server_attach_lws(server, &info), SIO_EEXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_port_that_is_taken),
        SERVED(a_vhost_without_protocols),
        SERVED(a_vhost_that_has_a_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
