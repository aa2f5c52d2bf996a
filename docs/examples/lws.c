/* A web server of libwebsockets with a page and a WebSocket of its own, and Socket.IO at
 * /socket.io. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>
#include <uv.h>

#include <sio/lws.h>
#include <sio/sio.h>

/* [page] */
static const char page[] = "<!doctype html>\n<title>a page of the program</title>\n"
                           "<script src=\"/socket.io/socket.io.js\"></script>\n"
                           "<script>const socket = io();</script>\n";

static int send_page(struct lws *wsi)
{
    unsigned char buffer[LWS_PRE + 1024], *start = buffer + LWS_PRE, *at = start;
    unsigned char *const end = buffer + sizeof(buffer) - 1;
    const size_t len = sizeof(page) - 1;
    if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, "text/html", len, &at, end) ||
        lws_finalize_write_http_header(wsi, start, &at, end))
        return 1;
    memcpy(start, page, len);
    if (lws_write(wsi, start, len, LWS_WRITE_HTTP_FINAL) != (int)len)
        return 1;
    return lws_http_transaction_completed(wsi);
}

static int on_page(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    if (reason == LWS_CALLBACK_HTTP)
        return send_page(wsi);
    return lws_callback_http_dummy(wsi, reason, user, in, len);
}
/* [end] */

/* A WebSocket of the program's own, which clients ask for as "mirror". */
static int on_mirror(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                     size_t len)
{
    unsigned char buffer[LWS_PRE + 128];
    (void)user;
    if (reason != LWS_CALLBACK_RECEIVE || len > 128)
        return 0;
    memcpy(buffer + LWS_PRE, in, len);
    return lws_write(wsi, buffer + LWS_PRE, len, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    sio_socket_emit(socket, "welcome", "s", sio_socket_url(socket));
}

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    sio_socket_broadcast(socket, NULL, "said", "v", sio_args_at(args, 0));
    sio_ack_send(ack, "b", 1);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    sio_server_close(handle->data);
    uv_close((uv_handle_t *)handle, NULL);
}

/* The server is gone: so may the web server be. */
static void on_closed(sio_server *io, void *context)
{
    (void)io;
    lws_context_destroy(*(struct lws_context **)context);
}

/* [attach] */
static struct lws_context *make_context(sio_server *io, uv_loop_t *loop, int port, char **pem)
{
    static const struct lws_protocols protocols[] = { { .name = "http", .callback = on_page },
                                                      { .name = "mirror", .callback = on_mirror },
                                                      LWS_PROTOCOL_LIST_TERM };
    struct lws_context_creation_info info = { .port = port, .protocols = protocols };
    if (pem[0]) { /* a certificate, and its key */
        info.ssl_cert_filepath = pem[0];
        info.ssl_private_key_filepath = pem[1];
        info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    }
    if (sio_server_attach_lws(io, &info) || sio_lws_use_loop(&info, loop))
        return NULL;
    return lws_create_context(&info);
}
/* [end] */

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    struct lws_context *context = NULL;
    uv_signal_t stop;
    sio_server *io;
    char *pem[] = { argc > 3 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL };
    const sio_server_options options = { .loop = loop, .on_closed = on_closed, .data = &context };
    lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
    if (sio_server_new(&io, &options))
        return 1;
    sio_namespace *root = sio_server_of(io, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    const int err = sio_namespace_on(root, "say", on_say, NULL);
    context = err ? NULL : make_context(io, loop, argc > 1 ? atoi(argv[1]) : 3000, pem);
    if (context) {
        stop.data = io;
        uv_signal_init(loop, &stop);
        uv_signal_start(&stop, on_signal, SIGTERM);
        printf("listening %d\n",
               lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
        fflush(stdout);
        uv_run(loop, UV_RUN_DEFAULT);
    } else {
        fprintf(stderr, "%s\n", sio_server_error(io));
    }
    sio_server_free(io);
    uv_loop_close(loop);
    return context ? 0 : 1;
}
