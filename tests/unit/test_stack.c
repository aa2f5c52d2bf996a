/* A server's thread needs little stack, whatever clients send. */
#include "live.h"

#include <pthread.h>
#include <stdlib.h>

#define STACK (256 * 1024)

static void *serve(void *data)
{
    (void)data;
    assert_int_equal(sio_server_run(server), 0);
    return NULL;
}

static pthread_t begin(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(uv_loop_init(&loop), 0); /* of the peers alone */
    const sio_server_options options = {
        .no_client_files = true,
        .allow_eio3 = true,
        .max_payload = 1000000,
        .per_message_deflate = { .enable = true },
        .connection_state_recovery = { .enable = true },
        .cors = { .origins = SIO_ORIGINS("*") },
        .trusted_proxies = (const char *[]){ "127.0.0.0/8", NULL },
    };
    assert_int_equal(sio_server_new(&server, &options), 0);
    assert_int_equal(sio_server_serve(server, "/stack", "/proc/self/cmdline"), 0);
    assert_int_equal(sio_server_listen(server, "127.0.0.1", 0), 0);
    register_handlers(server);
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, serve, NULL), 0);
    pthread_attr_destroy(&attributes);
    return thread;
}

/* An event with arrays or maps in each other: with those around them as deep as may be. */
static size_t nest(char *out, const char *open, const char *close_with, int levels)
{
    char *at = out;
    at += sprintf(at, "42[\"message\",");
    for (int i = 0; i < levels; i++)
        at += sprintf(at, "%s", open);
    at += sprintf(at, "1");
    for (int i = 0; i < levels; i++)
        at += sprintf(at, "%s", close_with);
    at += sprintf(at, "]");
    return (size_t)(at - out);
}

static void send_long(struct peer *peer, const char *text, size_t len)
{
    static char frame[4096];
    send_bytes(peer, frame, frame_of(frame, SIO_WS_TEXT, text, len));
}

static void a_small_stack_is_enough(void **state)
{
    (void)state;
    static char text[4096], request[6000], name[64];
    const pthread_t thread = begin();
    struct peer *peer = connect_websocket(0), *deep = connect_websocket(0), *http = peer_new();
    send_long(peer, text, nest(text, "[", "]", SIO_LIMIT_DEPTH - 1));
    expect(peer, "message-back");
    send_long(peer, text, nest(text, "{\"a\":", "}", SIO_LIMIT_DEPTH - 1));
    expect(peer, "message-back");
    send_long(deep, text, nest(text, "[", "]", 1000)); /* refused, at no greater depth */
    expect(deep, "\x88");

    int len = sprintf(request, "GET " ENGINE "polling" HTTP "Origin: http://a\r\n");
    for (int i = 0; i < 90; i++)
        len += sprintf(request + len, "X-Forwarded-For: 127.0.0.%d\r\n", i);
    sprintf(request + len, "Accept-Encoding: gzip\r\n\r\n");
    send_text(http, request);
    expect(http, "HTTP/1.1 200 OK");
    snprintf(name, sizeof(name), "GET /stack" HTTP "\r\n");
    send_text(http, name);
    expect(http, "HTTP/1.1 ");
    send_frame(peer, SIO_WS_TEXT, "42[\"quit\"]");
    assert_int_equal(pthread_join(thread, NULL), 0);
    peer_free(peer);
    peer_free(deep);
    peer_free(http);
    sio_server_free(server);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_stack_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
