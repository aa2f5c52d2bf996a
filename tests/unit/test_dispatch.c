/* The commands of emitters: those of @socket.io/redis-emitter 5.1.0 and
 * @socket.io/redis-streams-emitter 0.1.1 for the same calls. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include <sio/err.h>
#include <sio/sys/dispatch.h>
#include <sio/sys/limits.h>

static sio_dispatch dispatch;
static const sio_emitter_target admin = { .nsp = "adm" };
static const sio_emitter_target news = { .nsp = "/adm",
                                         .rooms = SIO_EMITTER_ROOMS("news"),
                                         .except = SIO_EMITTER_ROOMS("x"),
                                         .flags = SIO_EMITTER_VOLATILE | SIO_EMITTER_UNCOMPRESSED };
static const sio_emitter_target both = { .nsp = "/adm", .rooms = SIO_EMITTER_ROOMS("a", "b") };
static const sio_emitter_target others = { .nsp = "/adm", .except = SIO_EMITTER_ROOMS("z") };

static void use(sio_emitter_adapter adapter)
{
    sio_dispatch_free(&dispatch);
    dispatch = (sio_dispatch){ .adapter = adapter, .key = SIO_STR("socket.io") };
}

static void name(const char *uid, const char *id)
{
    dispatch.uid = sio_str_from(uid);
    dispatch.id = sio_str_from(id);
    dispatch.timeout_ms = 500;
}

static int event(const sio_emitter_target *target, const char *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int err = sio_dispatch_event(&dispatch, target, event, format, arguments);
    va_end(arguments);
    return err;
}

static int server_side(const sio_emitter_target *target, const char *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int err = sio_dispatch_server_side(&dispatch, target, event, format, arguments);
    va_end(arguments);
    return err;
}

/* Words joined by " | "; one that is not ASCII as its bytes in hexadecimal. */
static void says(int err, const char *expected)
{
    sio_buf text = { 0 };
    assert_int_equal(err, 0);
    for (size_t i = 0; i < dispatch.count; i++) {
        const sio_str word = dispatch.words[i];
        bool plain = true;
        for (size_t j = 0; j < word.len; j++)
            plain = plain && word.data[j] >= ' ' && word.data[j] < 0x7f;
        sio_buf_text(&text, i ? " | " : "");
        for (size_t j = 0; j < word.len; j++)
            if (plain)
                sio_buf_byte(&text, word.data[j]);
            else
                sio_buf_printf(&text, "%02x", (unsigned char)word.data[j]);
    }
    sio_buf_byte(&text, '\0');
    assert_string_equal(text.data, expected);
    sio_buf_free(&text);
}

static int order(const sio_emitter_target *target, sio_cluster_op op, const char *const *rooms,
                 bool close)
{
    return sio_dispatch_order(&dispatch, target, op, rooms, close);
}

static void the_classic_adapter(void **state)
{
    (void)state;
    use(SIO_EMITTER_CLASSIC);
    says(
        event(&admin, "foo", "s{s:[inf]}", "bar", "a", 1, 1.5),
        "PUBLISH | socket.io#/adm# | "
        "93a7656d697474657283a47479706502a46461746193a3666f6fa362617281a1619301c0cb3ff8000000000000"
        "a36e7370a42f61646d83a5726f6f6d7390a5666c61677380a665786365707490");
    says(
        event(&news, "b", "B", "\1\2\3", (size_t)3),
        "PUBLISH | socket.io#/adm#news# | "
        "93a7656d697474657283a47479706502a46461746192a162c403010203a36e7370a42f61646d83a5726f6f6d73"
        "91a46e657773a5666c61677382a8766f6c6174696c65c3a8636f6d7072657373c2a665786365707491a178");
    says(order(&both, SIO_CLUSTER_SOCKETS_JOIN, SIO_EMITTER_ROOMS("c", "d", "c"), false),
         "PUBLISH | socket.io-request#/adm# | "
         "{\"type\":2,\"opts\":{\"rooms\":[\"a\",\"b\"],\"except\":[]},\"rooms\":[\"c\",\"d\"]}");
    says(order(&others, SIO_CLUSTER_SOCKETS_LEAVE, SIO_EMITTER_ROOMS("c"), false),
         "PUBLISH | socket.io-request#/adm# | "
         "{\"type\":3,\"opts\":{\"rooms\":[],\"except\":[\"z\"]},\"rooms\":[\"c\"]}");
    says(order(&both, SIO_CLUSTER_DISCONNECT_SOCKETS, NULL, true),
         "PUBLISH | socket.io-request#/adm# | "
         "{\"type\":4,\"opts\":{\"rooms\":[\"a\",\"b\"],\"except\":[]},\"close\":true}");
    says(order(NULL, SIO_CLUSTER_DISCONNECT_SOCKETS, NULL, false),
         "PUBLISH | socket.io-request#/# | "
         "{\"type\":4,\"opts\":{\"rooms\":[],\"except\":[]},\"close\":false}");
    says(server_side(&admin, "hello", "is{s:[b]}", 1, "two", "three", 1),
         "PUBLISH | socket.io-request#/adm# | "
         "{\"uid\":\"emitter\",\"type\":6,\"data\":[\"hello\",1,\"two\",{\"three\":[true]}]}");
}

static void questions_of_the_classic_adapter(void **state)
{
    (void)state;
    use(SIO_EMITTER_CLASSIC);
    name("abc123", "0123456789abcdef");
    says(sio_dispatch_hear(&dispatch, &admin),
         "SUBSCRIBE | socket.io-response#/adm# | socket.io-response#/adm#abc123#");
    says(sio_dispatch_count(&dispatch, &admin), "PUBSUB | NUMSUB | socket.io-request#/adm#");
    says(order(&both, SIO_CLUSTER_FETCH_SOCKETS, NULL, false),
         "PUBLISH | socket.io-request#/adm# | "
         "{\"uid\":\"abc123\",\"requestId\":\"0123456789abcdef\",\"type\":5,"
         "\"opts\":{\"rooms\":[\"a\",\"b\"],\"except\":[]}}");
    says(server_side(NULL, "hello", NULL),
         "PUBLISH | socket.io-request#/# | "
         "{\"uid\":\"abc123\",\"requestId\":\"0123456789abcdef\",\"type\":6,\"data\":[\"hello\"]}");
    assert_int_equal(event(&news, "b", NULL), 0);
    assert_memory_equal(dispatch.words[1].data, "socket.io-request#/adm#", dispatch.words[1].len);
}

static void the_sharded_adapter(void **state)
{
    (void)state;
    use(SIO_EMITTER_SHARDED);
    says(event(&both, "foo", "s", "bar"),
         "SPUBLISH | socket.io#/adm# | "
         "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"foo\",\"bar\"]},"
         "\"opts\":{\"rooms\":[\"a\",\"b\"],\"except\":[],\"flags\":{}}},"
         "\"uid\":\"emitter\",\"nsp\":\"/adm\"}");
    says(event(&news, "foo", NULL),
         "SPUBLISH | socket.io#/adm#news# | "
         "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"foo\"]},"
         "\"opts\":{\"rooms\":[\"news\"],\"except\":[\"x\"],"
         "\"flags\":{\"volatile\":true,\"compress\":false}}},"
         "\"uid\":\"emitter\",\"nsp\":\"/adm\"}");
    const sio_emitter_target socket = { .rooms = SIO_EMITTER_ROOMS("abcdefghijklmnopqrst") };
    assert_int_equal(event(&socket, "foo", NULL), 0);
    assert_memory_equal(dispatch.words[1].data, "socket.io#/#", dispatch.words[1].len);
    says(order(&both, SIO_CLUSTER_SOCKETS_JOIN, SIO_EMITTER_ROOMS("c"), false),
         "SPUBLISH | socket.io#/adm# | "
         "{\"type\":4,\"data\":{\"opts\":{\"rooms\":[\"a\",\"b\"],\"except\":[],\"flags\":{}},"
         "\"rooms\":[\"c\"]},\"uid\":\"emitter\",\"nsp\":\"/adm\"}");
    name("0123456789abcdef", "1");
    says(sio_dispatch_hear(&dispatch, NULL), "SSUBSCRIBE | socket.io#/#0123456789abcdef#");
    says(sio_dispatch_count(&dispatch, NULL), "PUBSUB | SHARDNUMSUB | socket.io#/#");
    /* the node that a member of the room is on could be any: all count */
    says(event(&news, "foo", NULL),
         "SPUBLISH | socket.io#/adm# | "
         "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"foo\"]},\"requestId\":\"1\","
         "\"opts\":{\"rooms\":[\"news\"],\"except\":[\"x\"],"
         "\"flags\":{\"volatile\":true,\"compress\":false,\"timeout\":500}}},"
         "\"uid\":\"0123456789abcdef\",\"nsp\":\"/adm\"}");
}

#define ENTRY "XADD | socket.io | MAXLEN | ~ | 10000 | * | uid | emitter | nsp | /adm | type | "

static void the_streams_adapter(void **state)
{
    (void)state;
    use(SIO_EMITTER_STREAMS);
    says(event(&admin, "foo", "s{s:[inf]}", "bar", "a", 1, 1.5),
         ENTRY "3 | data | {\"packet\":{\"type\":2,\"data\":[\"foo\",\"bar\",{\"a\":[1,null,1.5]}],"
               "\"nsp\":\"/adm\"},\"opts\":{\"rooms\":[],\"flags\":{},\"except\":[]}}");
    says(event(&news, "b", "B", "\1\2\3", (size_t)3),
         ENTRY "3 | data | "
               "gqZwYWNrZXSDpHR5cGUCpGRhdGGSoWLEAwECA6Nuc3CkL2FkbaRvcHRzg6Vyb29tc5GkbmV3c6VmbGFnc4K"
               "odm9sYXRpbGXDqGNvbXByZXNzwqZleGNlcHSRoXg=");
    says(order(&both, SIO_CLUSTER_SOCKETS_JOIN, SIO_EMITTER_ROOMS("c", "d"), false),
         ENTRY "4 | data | {\"opts\":{\"rooms\":[\"a\",\"b\"],\"except\":[],\"flags\":{}},"
               "\"rooms\":[\"c\",\"d\"]}");
    says(order(&others, SIO_CLUSTER_SOCKETS_LEAVE, SIO_EMITTER_ROOMS("c"), false),
         ENTRY "5 | data | {\"opts\":{\"rooms\":[],\"except\":[\"z\"],\"flags\":{}},"
               "\"rooms\":[\"c\"]}");
    says(order(&both, SIO_CLUSTER_DISCONNECT_SOCKETS, NULL, true),
         ENTRY "6 | data | {\"opts\":{\"rooms\":[\"a\",\"b\"],\"except\":[],\"flags\":{}},"
               "\"close\":true}");
    says(server_side(&admin, "hello", "is{s:[b]}", 1, "two", "three", 1),
         ENTRY "9 | data | {\"packet\":[\"hello\",1,\"two\",{\"three\":[true]}]}");
    dispatch.stream = SIO_STR("other");
    dispatch.stream_len = 7;
    says(server_side(NULL, "h", NULL),
         "XADD | other | MAXLEN | ~ | 7 | * | uid | emitter | nsp | / | type | 9 | data | "
         "{\"packet\":[\"h\"]}");
    name("u", "1");
    says(sio_dispatch_hear(&dispatch, NULL), "SUBSCRIBE | socket.io#/#u#");
    says(sio_dispatch_count(&dispatch, NULL), "PUBSUB | NUMSUB | socket.io#/#");
    /* {type: 9, data: {requestId: "1", packet: ["h"]}, uid: "u", nsp: "/"} */
    says(
        server_side(NULL, "h", NULL),
        "PUBLISH | socket.io#/# | "
        "84a47479706509a46461746182a9726571756573744964a131a67061636b657491a168a3756964a175a36e7370"
        "a12f");
}

static void refused(int err, int expected, const char *part)
{
    assert_int_equal(err, expected);
    assert_non_null(strstr(dispatch.why, part));
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    for (int adapter = SIO_EMITTER_CLASSIC; adapter <= SIO_EMITTER_STREAMS; adapter++) {
        use((sio_emitter_adapter)adapter);
        refused(event(NULL, "disconnect", NULL), SIO_ERESERVED, "\"disconnect\"");
        refused(server_side(NULL, "connection", NULL), SIO_ERESERVED, "\"connection\"");
        refused(server_side(NULL, "new_namespace", NULL), SIO_ERESERVED, "");
        says(order(&admin, SIO_CLUSTER_DISCONNECT_SOCKETS, NULL, false),
             adapter == SIO_EMITTER_CLASSIC
                 ? "PUBLISH | socket.io-request#/adm# | "
                   "{\"type\":4,\"opts\":{\"rooms\":[],\"except\":[]},\"close\":false}"
             : adapter == SIO_EMITTER_SHARDED
                 ? "SPUBLISH | socket.io#/adm# | "
                   "{\"type\":6,\"data\":{\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}},"
                   "\"close\":false},\"uid\":\"emitter\",\"nsp\":\"/adm\"}"
                 : ENTRY "6 | data | {\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}},"
                         "\"close\":false}");
        refused(event(NULL, "\xff", NULL), SIO_EUTF8, "event");
        refused(event(&(sio_emitter_target){ .nsp = "\xff" }, "e", NULL), SIO_EUTF8, "namespace");
        refused(order(NULL, SIO_CLUSTER_SOCKETS_JOIN, SIO_EMITTER_ROOMS("\xff"), false), SIO_EUTF8,
                "room");
        refused(event(NULL, "e", "["), SIO_EFORMAT, "");
        refused(event(NULL, "e", "BBBBBBBBBBB", "", (size_t)0, "", (size_t)0, "", (size_t)0, "",
                      (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0, "",
                      (size_t)0, "", (size_t)0, "", (size_t)0),
                SIO_ELIMIT, "11 binary values");
    }
}

static void a_message_has_a_maximum(void **state)
{
    (void)state;
    char *bytes = calloc(1, SIO_LIMIT_PUBLISH);
    assert_non_null(bytes);
    for (int adapter = SIO_EMITTER_CLASSIC; adapter <= SIO_EMITTER_STREAMS; adapter++) {
        use((sio_emitter_adapter)adapter);
        refused(event(NULL, "e", "B", bytes, (size_t)SIO_LIMIT_PUBLISH), SIO_ELIMIT, "bytes");
    }
    free(bytes);
    sio_dispatch_free(&dispatch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_classic_adapter),   cmocka_unit_test(questions_of_the_classic_adapter),
        cmocka_unit_test(the_sharded_adapter),   cmocka_unit_test(the_streams_adapter),
        cmocka_unit_test(what_is_wrong_is_told), cmocka_unit_test(a_message_has_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
