#include <math.h>

#include "check.h"
#include "hex.h"
#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>

#define NO_ID UINT64_MAX

static void check_frame(const sio_frame *frame, const char *hex)
{
    sio_str want = hex_bytes(hex), got = sio_frame_payload(frame);
    assert_true(frame->binary);
    assert_null(frame->next);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    hex_free(want);
}

static void check(sio_packet_type type, const char *nsp, uint64_t id, const sio_value *data,
                  const char *hex)
{
    sio_packet packet = { .type = type, .nsp = sio_str_from(nsp), .has_id = id != NO_ID, .id = id };
    sio_frame *frame;
    packet.data = data ? *data : (sio_value){ .type = SIO_TYPE_UNDEFINED };
    assert_int_equal(sio_packet_encode_msgpack(&packet, &frame), 0);
    check_frame(frame, hex);
    sio_frame_unref(frame);
}

static void check_json(sio_packet_type type, const char *nsp, uint64_t id, const char *json,
                       const char *hex)
{
    sio_arena arena = { 0 };
    sio_value data;
    assert_int_equal(sio_json_read(&arena, &data, json, strlen(json)), 0);
    check(type, nsp, id, &data, hex);
    sio_arena_free(&arena);
}

/* ---- as the package writes what socket.io hands it ---- */

static void connections(void **state)
{
    (void)state;
    check_json(SIO_PACKET_CONNECT, "/", NO_ID, "{\"sid\":\"abc\"}",
               "83a47479706500a46461746181a3736964a3616263a36e7370a12f");
    check_json(SIO_PACKET_CONNECT_ERROR, "/auth", NO_ID, "{\"message\":\"no\"}",
               "83a47479706504a46461746181a76d657373616765a26e6fa36e7370a52f61757468");
    check_json(SIO_PACKET_CONNECT_ERROR, "/", NO_ID, "\"no\"",
               "83a47479706504a464617461a26e6fa36e7370a12f");
    check(SIO_PACKET_DISCONNECT, "/", NO_ID, NULL, "82a47479706501a36e7370a12f");
}

static void events(void **state)
{
    (void)state;
    check_json(SIO_PACKET_EVENT, "/", NO_ID, "[\"a\",1,\"2\",{\"3\":[true,null]}]",
               "83a47479706502a46461746194a16101a13281a13392c3c0a36e7370a12f");
    check_json(SIO_PACKET_EVENT, "/custom", 5, "[\"a\"]",
               "84a47479706502a46461746191a161a2696405a36e7370a72f637573746f6d");
    check_json(SIO_PACKET_EVENT, "/", 0, "[\"a\"]",
               "84a47479706502a46461746191a161a2696400a36e7370a12f");
    check_json(SIO_PACKET_EVENT, "/", SIO_PACKET_ID_MAX, "[\"a\"]",
               "84a47479706502a46461746191a161a26964cf001fffffffffffffa36e7370a12f");
}

static void acks(void **state)
{
    (void)state;
    check_json(SIO_PACKET_ACK, "/", 456, "[]",
               "84a26964cd01c8a47479706503a46461746190a36e7370a12f");
    check_json(SIO_PACKET_ACK, "/c", 70000, "[1.5,\"\xc3\xa9\"]",
               "84a26964ce00011170a47479706503a46461746192cb3ff8000000000000a2c3a9"
               "a36e7370a22f63");
}

static void binary_stays_where_it_is(void **state)
{
    (void)state;
    sio_value *data;
    assert_int_equal(
        sio_value_new(&data, "[s B {s:B}]", "b", "\1\2\3", (size_t)3, "x", "", (size_t)0), 0);
    check(SIO_PACKET_EVENT, "/", NO_ID, data,
          "83a47479706502a46461746193a162c40301020381a178c400a36e7370a12f");
    sio_value_free(data);
}

/* There are no attachments to count. */
static void eleven_binaries(void **state)
{
    (void)state;
    static const char bytes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    sio_value items[1 + sizeof bytes];
    items[0] = sio_value_of_string(SIO_STR("b"));
    for (size_t i = 0; i < sizeof bytes; i++)
        items[i + 1] = sio_value_of_binary(&bytes[i], 1);
    const sio_value data = sio_value_of_array(items, sizeof items / sizeof *items);
    check(SIO_PACKET_EVENT, "/", NO_ID, &data,
          "83a47479706502a4646174619ca162c40100c40101c40102c40103c40104c40105c40106c40107"
          "c40108c40109c4010aa36e7370a12f");
}

static void placeholders_are_data(void **state)
{
    (void)state;
    check_json(SIO_PACKET_EVENT, "/", NO_ID, "[\"p\",{\"_placeholder\":true,\"num\":0}]",
               "83a47479706502a46461746192a17082ac5f706c616365686f6c646572c3a36e756d00"
               "a36e7370a12f");
}

static void dates_and_undefined_are_those_of_notepack_2(void **state)
{
    (void)state;
    const sio_value dates[] = {
        sio_value_of_string(SIO_STR("d")),
        { .type = SIO_TYPE_DATE, .as.integer = 1500 },
        { .type = SIO_TYPE_DATE, .as.integer = -500 },
        { .type = SIO_TYPE_DATE, .as.integer = INT64_C(8640000000000000) },
    };
    const sio_value entry[] = { sio_value_of_string(SIO_STR("k")), { .type = SIO_TYPE_UNDEFINED } };
    const sio_value holes[] = { sio_value_of_string(SIO_STR("u")),
                                { .type = SIO_TYPE_UNDEFINED },
                                sio_value_of_map(entry, 1) };
    sio_value data = sio_value_of_array(dates, 4);
    check(SIO_PACKET_EVENT, "/", NO_ID, &data,
          "83a47479706502a46461746194a164d70000000000000005dcd700fffffffffffffe0c"
          "d700001eb208c2dc0000a36e7370a12f");
    data = sio_value_of_array(holes, 3);
    check(SIO_PACKET_EVENT, "/", NO_ID, &data,
          "83a47479706502a46461746193a175d4000081a16bd40000a36e7370a12f");
}

static void numbers(void **state)
{
    (void)state;
    const sio_value items[] = {
        sio_value_of_int(7),
        sio_value_of_double(-0.0),
        { .type = SIO_TYPE_DOUBLE, .as.number = (double)NAN },
        sio_value_of_int(-1),
        sio_value_of_double(0x1p53),
    };
    const sio_value data = sio_value_of_array(items, sizeof items / sizeof *items);
    check(SIO_PACKET_EVENT, "/", NO_ID, &data,
          "83a47479706502a464617461950700cb7ff8000000000000ffcf0020000000000000a36e7370a12f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections),
        cmocka_unit_test(events),
        cmocka_unit_test(acks),
        cmocka_unit_test(binary_stays_where_it_is),
        cmocka_unit_test(eleven_binaries),
        cmocka_unit_test(placeholders_are_data),
        cmocka_unit_test(dates_and_undefined_are_those_of_notepack_2),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
