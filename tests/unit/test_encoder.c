#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>

#include "check.h"

/* Appends the frames of a chain as polling would send them, each in a line. */
static void record(sio_buf *log, sio_frame *chain)
{
    for (; chain; chain = chain->next) {
        sio_str text = sio_frame_polling(chain);
        sio_buf_append(log, text.data, text.len);
        sio_buf_byte(log, '\n');
    }
    sio_buf_byte(log, '\0');
}

static void check(sio_packet packet, const sio_value *data, const char *expected)
{
    if (data)
        packet.data = *data;
    sio_frame *chain;
    assert_int_equal(sio_packet_encode(&packet, &chain), 0);
    assert_int_equal(chain->refs, 1);
    sio_buf log = { 0 };
    record(&log, chain);
    assert_string_equal(log.data, expected);
    sio_buf_free(&log);
    sio_frame_unref(chain);
}

static void check_json(sio_packet packet, const char *json, const char *expected)
{
    sio_value *data;
    assert_int_equal(sio_value_from_json(&data, json, strlen(json)), 0);
    check(packet, data, expected);
    sio_value_free(data);
}

static sio_packet packet_of(sio_packet_type type, const char *nsp)
{
    return (sio_packet){ .type = type, .nsp = sio_str_from(nsp) };
}

static sio_packet with_id(sio_packet packet, uint64_t id)
{
    packet.has_id = true;
    packet.id = id;
    return packet;
}

static void events(void **state)
{
    (void)state;
    check_json(packet_of(SIO_PACKET_EVENT, "/"), "[\"a\",1,{}]", "42[\"a\",1,{}]\n");
    check_json(packet_of(SIO_PACKET_EVENT, "/test"), "[\"a\"]", "42/test,[\"a\"]\n");
    check_json(with_id(packet_of(SIO_PACKET_EVENT, "/"), 0), "[\"a\"]", "420[\"a\"]\n");
    check_json(with_id(packet_of(SIO_PACKET_EVENT, "/test"), 123), "[\"a\"]",
               "42/test,123[\"a\"]\n");
    check_json(with_id(packet_of(SIO_PACKET_EVENT, "/"), UINT64_C(9007199254740991)), "[1]",
               "429007199254740991[1]\n");
}

static void acks(void **state)
{
    (void)state;
    check_json(with_id(packet_of(SIO_PACKET_ACK, "/"), 7), "[]", "437[]\n");
    check_json(with_id(packet_of(SIO_PACKET_ACK, "/admin"), 456), "[\"\xe2\x82\xac\"]",
               "43/admin,456[\"\xe2\x82\xac\"]\n");
}

static void connections(void **state)
{
    (void)state;
    check(packet_of(SIO_PACKET_CONNECT, "/"), NULL, "40\n");
    check(packet_of(SIO_PACKET_CONNECT, "/admin"), NULL, "40/admin,\n");
    check_json(packet_of(SIO_PACKET_CONNECT, "/"), "{\"sid\":\"x\"}", "40{\"sid\":\"x\"}\n");
    check_json(packet_of(SIO_PACKET_CONNECT_ERROR, "/no"), "{\"message\":\"not\"}",
               "44/no,{\"message\":\"not\"}\n");
    check_json(packet_of(SIO_PACKET_CONNECT_ERROR, "/"), "\"not\"", "44\"not\"\n");
    check(packet_of(SIO_PACKET_DISCONNECT, "/"), NULL, "41\n");
    check(packet_of(SIO_PACKET_DISCONNECT, "/admin"), NULL, "41/admin,\n");
    check_json(packet_of(SIO_PACKET_CONNECT, "/"), "null", "40\n");
}

static void attachments(void **state)
{
    (void)state;
    sio_value *data;
    assert_int_equal(sio_value_new(&data, "[s B]", "a", "\1\2\3", (size_t)3), 0);
    check(packet_of(SIO_PACKET_EVENT, "/"), data,
          "451-[\"a\",{\"_placeholder\":true,\"num\":0}]\nbAQID\n");
    check(with_id(packet_of(SIO_PACKET_ACK, "/x"), 4), data,
          "461-/x,4[\"a\",{\"_placeholder\":true,\"num\":0}]\nbAQID\n");
    sio_value_free(data);

    assert_int_equal(
        sio_value_new(&data, "[s {s:[B i B]}]", "a", "k", "", (size_t)0, 1, "\xff", (size_t)1), 0);
    check(packet_of(SIO_PACKET_EVENT, "/"), data,
          "452-[\"a\",{\"k\":[{\"_placeholder\":true,\"num\":0},1,"
          "{\"_placeholder\":true,\"num\":1}]}]\nb\nb/w==\n");
    sio_value_free(data);
}

static void events_alone_carry_attachments(void **state)
{
    (void)state;
    sio_value *data;
    assert_int_equal(sio_value_new(&data, "{s:B}", "b", "\1", (size_t)1), 0);
    check(packet_of(SIO_PACKET_CONNECT, "/"), data,
          "40{\"b\":{\"type\":\"Buffer\",\"data\":[1]}}\n");
    sio_value_free(data);
}

static sio_value *many_binaries(size_t count)
{
    sio_value *one, *all = NULL;
    assert_int_equal(sio_value_new(&one, "[B]", "x", (size_t)1), 0);
    for (size_t i = 0; i < count; i++) {
        sio_value *more;
        assert_int_equal(sio_value_new(&more, "[V V]", all, one), 0);
        sio_value_free(all);
        all = more;
    }
    sio_value_free(one);
    return all;
}

static void as_many_attachments_as_the_limit_says(void **state)
{
    (void)state;
    for (size_t count = SIO_LIMIT_ATTACHMENTS; count <= SIO_LIMIT_ATTACHMENTS + 1; count++) {
        sio_value *data = many_binaries(count);
        sio_packet packet = packet_of(SIO_PACKET_EVENT, "/");
        packet.data = *data;
        sio_frame *chain = NULL;
        int err = sio_packet_encode(&packet, &chain);
        assert_int_equal(err, count > SIO_LIMIT_ATTACHMENTS ? SIO_ELIMIT : 0);
        if (!err)
            assert_memory_equal(sio_frame_payload(chain).data, "4510-[", 6);
        else
            assert_null(chain);
        sio_frame_unref(chain);
        sio_value_free(data);
    }
}

static void large_events(void **state)
{
    (void)state;
    enum { LEN = 70000 };
    char *text = malloc(LEN);
    assert_non_null(text);
    memset(text, 'x', LEN);
    sio_value *data;
    assert_int_equal(sio_value_new(&data, "[s s#]", "a", text, (size_t)LEN), 0);
    sio_packet packet = packet_of(SIO_PACKET_EVENT, "/");
    packet.data = *data;
    sio_frame *frame;
    assert_int_equal(sio_packet_encode(&packet, &frame), 0);
    assert_int_equal(frame->header, 10);
    assert_int_equal(sio_frame_payload(frame).len, LEN + strlen("42[\"a\",\"\"]"));
    sio_frame_unref(frame);
    sio_value_free(data);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events),
        cmocka_unit_test(acks),
        cmocka_unit_test(connections),
        cmocka_unit_test(attachments),
        cmocka_unit_test(events_alone_carry_attachments),
        cmocka_unit_test(as_many_attachments_as_the_limit_says),
        cmocka_unit_test(large_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
