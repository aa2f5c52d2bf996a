/* Whom proxies name: X-Forwarded-For and the PROXY protocol, cut anywhere. */
#include <sio/err.h>
#include <sio/sys/proxy.h>

#include "check.h"

static const char *const trusted[] = { "10.0.0.0/8", "fd00::/8", NULL };

static sio_trust trust_of(const char *const *entries)
{
    sio_trust trust;
    const char *wrong;
    assert_int_equal(sio_trust_init(&trust, entries, &wrong), 0);
    return trust;
}

static sio_origin origin_of(const char *text)
{
    sio_origin origin = { .local = strcmp(text, "unix:") == 0 };
    if (!origin.local)
        assert_int_equal(sio_address_read(&origin.address, sio_str_from(text)), 0);
    return origin;
}

static void assert_origin(const sio_origin *origin, const char *expected)
{
    char text[SIO_ADDRESS_TEXT] = "unix:";
    if (!origin->local)
        sio_address_write(&origin->address, text);
    assert_string_equal(text, expected);
}

static const struct forwarded {
    const char *peer, *value, *client;
    bool goes_on;
    unsigned hops;
} forwarded[] = {
    { "10.0.0.1", "192.0.2.1", "192.0.2.1", false, 1 },
    { "10.0.0.1", "198.51.100.9, 192.0.2.1", "192.0.2.1", false, 1 },
    { "10.0.0.1", "192.0.2.1, 10.9.9.9", "192.0.2.1", false, 2 },
    { "10.0.0.1", "192.0.2.1,10.9.9.9,\t10.9.9.8 ", "192.0.2.1", false, 3 },
    { "10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1", true, 2 },
    { "10.0.0.1", "", "10.0.0.1", true, 0 },
    { "10.0.0.1", "unknown", "10.0.0.1", false, 0 },
    { "10.0.0.1", "192.0.2.1, unknown, 10.2.2.2", "10.2.2.2", false, 1 },
    { "10.0.0.1", "192.0.2.1,", "10.0.0.1", false, 0 },
    { "10.0.0.1", "192.0.2.1:4711", "192.0.2.1", false, 1 },
    { "10.0.0.1", "192.0.2.1:", "10.0.0.1", false, 0 },
    { "10.0.0.1", "192.0.2.1:x", "10.0.0.1", false, 0 },
    { "10.0.0.1", "192.0.2.1:471100", "10.0.0.1", false, 0 },
    { "10.0.0.1", "2001:db8::1", "2001:db8::1", false, 1 },
    { "10.0.0.1", "[2001:db8::1]", "2001:db8::1", false, 1 },
    { "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1", false, 1 },
    { "10.0.0.1", "[2001:db8::1]4711", "10.0.0.1", false, 0 },
    { "10.0.0.1", "[2001:db8::1", "10.0.0.1", false, 0 },
    { "10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1", false, 1 },
    { "192.0.2.9", "192.0.2.1", "192.0.2.9", false, 0 },
    { "fd00::1", "192.0.2.1", "192.0.2.1", false, 1 },
};

static void only_the_trusted_are_believed(void **state)
{
    (void)state;
    sio_trust trust = trust_of(trusted);
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++) {
        sio_origin at = origin_of(forwarded[i].peer);
        unsigned hops = 0;
        const bool on = sio_forwarded_walk(&trust, sio_str_from(forwarded[i].value), &at, &hops);
        assert_origin(&at, forwarded[i].client);
        assert_int_equal(on, forwarded[i].goes_on);
        assert_int_equal(hops, forwarded[i].hops);
    }
    sio_trust_free(&trust);
}

static void a_unix_socket_is_trusted_by_name(void **state)
{
    (void)state;
    const char *const local[] = { "unix:", NULL };
    sio_trust trust = trust_of(local);
    sio_origin at = origin_of("unix:");
    unsigned hops = 0;
    assert_true(sio_trust_any(&trust));
    assert_false(sio_forwarded_walk(&trust, SIO_STR("192.0.2.1, 192.0.2.2"), &at, &hops));
    assert_origin(&at, "192.0.2.2");
    sio_trust_free(&trust);
    trust = trust_of(trusted);
    at = origin_of("unix:");
    assert_false(sio_forwarded_walk(&trust, SIO_STR("192.0.2.1"), &at, &hops));
    assert_origin(&at, "unix:");
    sio_trust_free(&trust);
}

static void nobody_is_trusted_by_default(void **state)
{
    (void)state;
    const char *const wrong[] = { "10.0.0.0/8", "my-proxy", NULL };
    const char *bad = NULL;
    sio_trust trust = trust_of(NULL);
    const sio_origin at = origin_of("127.0.0.1");
    assert_false(sio_trust_any(&trust));
    assert_false(sio_trust_has(&trust, &at));
    assert_int_equal(sio_trust_init(&trust, wrong, &bad), SIO_EINVAL);
    assert_string_equal(bad, "my-proxy");
    assert_false(sio_trust_any(&trust));
}

static const struct {
    const char *value;
    unsigned wanted, left;
    bool secure;
} protos[] = {
    { "https", 1, 0, true },        { "HTTPS", 1, 0, true },        { "wss", 1, 0, true },
    { "http", 1, 0, false },        { "httpsx", 1, 0, false },      { "https,", 1, 0, false },
    { "https, http", 1, 0, false }, { "https, http", 2, 0, true },  { "http,\thttps ", 1, 0, true },
    { "https, http", 5, 3, true },  { "http, https", 5, 3, false },
};

static void a_protocol_is_what_its_proxy_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
        unsigned left = protos[i].wanted;
        bool secure = !protos[i].secure;
        assert_int_equal(sio_forwarded_proto(sio_str_from(protos[i].value), &left, &secure),
                         protos[i].left > 0);
        assert_int_equal(left, protos[i].left);
        assert_int_equal(secure, protos[i].secure);
    }
    unsigned left = 1;
    bool secure = true;
    assert_true(sio_forwarded_proto(SIO_STR(""), &left, &secure));
    assert_true(secure);
}

static const struct {
    const char *value, *client;
    bool secure, goes_on;
} elements[] = {
    { "for=192.0.2.1", "192.0.2.1", false, false },
    { "for=192.0.2.1;proto=https", "192.0.2.1", true, false },
    { "Proto=HTTPS;By=10.0.0.2; For=\"192.0.2.1:4711\"", "192.0.2.1", true, false },
    { "for=\"[2001:db8::1]:4711\";proto=wss", "2001:db8::1", true, false },
    { "for=6.6.6.6;proto=https, for=192.0.2.1;proto=http", "192.0.2.1", false, false },
    { "for=192.0.2.1;proto=https, for=10.0.0.2;proto=http", "192.0.2.1", true, false },
    { "for=10.0.0.3;proto=https,for=10.0.0.2", "10.0.0.3", true, true },
    { "proto=https", "10.0.0.1", true, false },
    { "for=unknown;proto=https", "10.0.0.1", true, false },
    { "for=_hidden", "10.0.0.1", false, false },
    { ";;for=192.0.2.1;", "192.0.2.1", false, false },
    { "", "10.0.0.1", false, true },
    { "for", "10.0.0.1", false, false },
    { "=192.0.2.1", "10.0.0.1", false, false },
    { "proto=https;for=\"192.0.2.1", "10.0.0.1", false, false },
    { "proto=https;for=\"", "10.0.0.1", false, false },
    { "for=\"192.0.2.1, for=192.0.2.2;proto=https", "192.0.2.2", true, false },
    { "for=\"192.0.2.1\\\"\"", "10.0.0.1", false, false },
    { "by=\"a,b;c\";for=192.0.2.1", "192.0.2.1", false, false },
};

static void elements_are_walked_like_addresses(void **state)
{
    (void)state;
    sio_trust trust = trust_of(trusted);
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        sio_origin at = origin_of("10.0.0.1");
        const bool on = sio_forwarded_elements(&trust, sio_str_from(elements[i].value), &at);
        assert_origin(&at, elements[i].client);
        assert_int_equal(on, elements[i].goes_on);
        assert_int_equal(at.secure, elements[i].secure);
    }
    sio_origin stranger = origin_of("192.0.2.9");
    assert_false(sio_forwarded_elements(&trust, SIO_STR("for=192.0.2.1;proto=https"), &stranger));
    assert_origin(&stranger, "192.0.2.9");
    assert_false(stranger.secure);
    sio_trust_free(&trust);
}

/* ---- the PROXY protocol ---- */

#define SIGNATURE  "\r\n\r\n\0\r\nQUIT\n"
#define TEXT(text) text, sizeof(text) - 1
#define INET       "\xc0\0\2\1\x0a\0\0\1\x12\x34\0\x50"
#define INET6                                                                                      \
    "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\x12\x34\0\x50"
#define TLS_ON   "\x20\0\5\1\0\0\0\0"
#define TLS_OFF  "\x20\0\5\0\0\0\0\0"
#define ZEROS8   "\0\0\0\0\0\0\0\0"
#define ZEROS72  ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8
#define ZEROS216 ZEROS72 ZEROS72 ZEROS72

static const struct header {
    const char *bytes;
    size_t len;
    const char *origin; /* NULL: that of the proxy itself */
    bool secure;
} headers[] = {
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 4660 80\r\n"), "192.0.2.1", false },
    { TEXT("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255",
      false },
    { TEXT("PROXY TCP6 2001:db8::1 fd00::2 4660 80\r\n"), "2001:db8::1", false },
    { TEXT("PROXY UNKNOWN\r\n"), NULL, false },
    { TEXT("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"), NULL, false },
    { TEXT(SIGNATURE "\x21\x11\0\x0c" INET), "192.0.2.1", false },
    { TEXT(SIGNATURE "\x21\x21\0\x24" INET6), "2001:db8::1", false },
    { TEXT(SIGNATURE "\x21\x31\0\xd8" ZEROS216), "unix:", false },
    { TEXT(SIGNATURE "\x21\x11\0\x10" INET "\x04\0\1x"), "192.0.2.1", false },
    { TEXT(SIGNATURE "\x21\x12\0\x0c" INET), NULL, false },
    { TEXT(SIGNATURE "\x21\0\0\0"), NULL, false },
    { TEXT(SIGNATURE "\x21\0\0\3abc"), NULL, false },
    { TEXT(SIGNATURE "\x20\0\0\0"), NULL, false },
    { TEXT(SIGNATURE "\x20\x11\0\x0c" INET), NULL, false },
    { TEXT(SIGNATURE "\x20\xff\0\1x"), NULL, false },
    { TEXT(SIGNATURE "\x21\x11\0\x14" INET TLS_ON), "192.0.2.1", true },
    { TEXT(SIGNATURE "\x21\x11\0\x14" INET TLS_OFF), "192.0.2.1", false },
    { TEXT(SIGNATURE "\x21\x21\0\x2c" INET6 TLS_ON), "2001:db8::1", true },
    { TEXT(SIGNATURE "\x21\x31\0\xe0" ZEROS216 TLS_ON), "unix:", true },
    { TEXT(SIGNATURE "\x21\x11\0\x1b" INET "\x04\0\0" TLS_ON "\1\0\1x"), "192.0.2.1", true },
    { TEXT(SIGNATURE "\x21\x11\0\x0f" INET "\x20\0\0"), "192.0.2.1", false },
    { TEXT(SIGNATURE "\x21\x11\0\x10" INET "\x20\xff\xff\1"), "192.0.2.1", true },
    { TEXT(SIGNATURE "\x21\x11\0\x0e" INET "\x20\0"), "192.0.2.1", false },
    { TEXT(SIGNATURE "\x20\x11\0\x14" INET TLS_ON), NULL, false },
};

static void assert_read(const struct header *header, const sio_proxy_reader *reader)
{
    assert_int_equal(reader->named, header->origin != NULL);
    assert_int_equal(reader->origin.secure, header->secure);
    if (header->origin)
        assert_origin(&reader->origin, header->origin);
}

static void headers_are_read_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        const struct header *header = &headers[i];
        for (size_t cut = 0; cut <= header->len; cut++) {
            char bytes[512] = { 0 };
            sio_proxy_reader reader = { .len = 0 };
            size_t used;
            memcpy(bytes, header->bytes, header->len);
            memcpy(bytes + header->len, "GET /", 5);
            assert_int_equal(sio_proxy_feed(&reader, bytes, cut, &used), cut == header->len);
            assert_int_equal(used, cut);
            if (cut == header->len)
                continue;
            const size_t left = header->len - cut;
            assert_int_equal(sio_proxy_feed(&reader, bytes + cut, left + 5, &used), 1);
            assert_int_equal(used, left);
            assert_read(header, &reader);
        }
    }
}

static void headers_are_read_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        sio_proxy_reader reader = { .len = 0 };
        for (size_t at = 0; at < headers[i].len; at++) {
            size_t used;
            assert_int_equal(sio_proxy_feed(&reader, headers[i].bytes + at, 1, &used),
                             at + 1 == headers[i].len);
            assert_int_equal(used, 1);
        }
        assert_read(&headers[i], &reader);
    }
}

static const struct {
    const char *bytes;
    size_t len;
} broken[] = {
    { TEXT("GET / HTTP/1.1\r\n") },
    { TEXT("PROXY\r\n") },
    { TEXT("PROXY  TCP4 192.0.2.1 10.0.0.1 1 2\r\n") },
    { TEXT("PROXY TCP5 192.0.2.1 10.0.0.1 1 2\r\n") },
    { TEXT("PROXY tcp4 192.0.2.1 10.0.0.1 1 2\r\n") },
    { TEXT("PROXY TCP4\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 1 65536\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 01 2\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 x 2\r\n") },
    { TEXT("PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0 1 2\r\n") },
    { TEXT("PROXY TCP4 ::1 ::1 1 2\r\n") },
    { TEXT("PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n") },
    { TEXT("PROXY TCP4 192.0.2.1 10.0.0.1 1 2\n\r\n") },
    { TEXT("PROXY UNKNOWN "
           "12345678901234567890123456789012345678901234567890123456789012345678901234567890123"
           "45678901234567890\r\n") },
    { TEXT("\r\n\r\n\0\r\nQUIX") },
    { TEXT(SIGNATURE "\x11\x11\0\x0c") },
    { TEXT(SIGNATURE "\x22\x11\0\x0c") },
    { TEXT(SIGNATURE "\x21\x41\0\x0c") },
    { TEXT(SIGNATURE "\x21\x13\0\x0c") },
    { TEXT(SIGNATURE "\x21\x11\0\x0b") },
    { TEXT(SIGNATURE "\x21\x21\0\x0c") },
    { TEXT(SIGNATURE "\x21\x31\0\x24") },
};

static void what_is_no_header_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        sio_proxy_reader reader = { .len = 0 };
        size_t used;
        if (sio_proxy_feed(&reader, broken[i].bytes, broken[i].len, &used) != SIO_EPARSE)
            fail_msg("case %zu is a header: %s", i, broken[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_trusted_are_believed),
        cmocka_unit_test(a_unix_socket_is_trusted_by_name),
        cmocka_unit_test(nobody_is_trusted_by_default),
        cmocka_unit_test(a_protocol_is_what_its_proxy_says),
        cmocka_unit_test(elements_are_walked_like_addresses),
        cmocka_unit_test(headers_are_read_cut_anywhere),
        cmocka_unit_test(headers_are_read_byte_by_byte),
        cmocka_unit_test(what_is_no_header_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
