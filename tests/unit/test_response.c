/* Responses of the classic adapter: the bytes of redis-adapter 8.3, both ways. */
#include <sio/err.h>
#include <sio/sys/classic.h>

#include "check.h"
#include "damage.h"

#define SOCKET                                                                                     \
    "{\"id\":\"S1\",\"handshake\":{\"headers\":{\"host\":\"h\"},\"time\":\"t\",\"address\":\"::1"  \
    "\",\"xdomain\":false,\"secure\":false,\"issued\":1,\"url\":\"/\",\"query\":{\"EIO\":\"4\"},"  \
    "\"auth\":{\"token\":\"x\"}},\"rooms\":[\"S1\",\"r1\"],\"data\":{\"n\":1}}"

static const struct row {
    const char *text; /* of a JSON response, or in hexadecimal digits */
    sio_classic_type question;
    sio_classic_type type;
    uint32_t clients;
    const char *json; /* of the value; NULL: undefined */
} rows[] = {
    { "{\"requestId\":\"Q1\",\"sockets\":[\"S1\"]}", SIO_CLASSIC_SOCKETS, SIO_CLASSIC_SOCKETS, 0,
      "[\"S1\"]" },
    { "{\"requestId\":\"Q1\",\"rooms\":[\"S1\",\"r1\"]}", SIO_CLASSIC_ALL_ROOMS,
      SIO_CLASSIC_ALL_ROOMS, 0, "[\"S1\",\"r1\"]" },
    { "{\"requestId\":\"Q1\"}", SIO_CLASSIC_JOIN, SIO_CLASSIC_JOIN, 0, NULL },
    { "{\"requestId\":\"Q1\",\"sockets\":[" SOCKET "]}", SIO_CLASSIC_FETCH, SIO_CLASSIC_FETCH, 0,
      "[" SOCKET "]" },
    { "{\"type\":6,\"requestId\":\"Q1\",\"data\":{\"x\":1}}", SIO_CLASSIC_SERVER_SIDE_EMIT,
      SIO_CLASSIC_SERVER_SIDE_EMIT, 0, "{\"x\":1}" },
    { "{\"type\":6,\"requestId\":\"Q1\"}", SIO_CLASSIC_SERVER_SIDE_EMIT,
      SIO_CLASSIC_SERVER_SIDE_EMIT, 0, NULL },
    { "{\"type\":8,\"requestId\":\"Q1\",\"clientCount\":1}", SIO_CLASSIC_BROADCAST,
      SIO_CLASSIC_CLIENT_COUNT, 1, NULL },
    { "83a47479706509a9726571756573744964a25131a67061636b6574a3796573", SIO_CLASSIC_BROADCAST,
      SIO_CLASSIC_ACK, 0, "\"yes\"" },
    { "82a47479706509a9726571756573744964a25131", SIO_CLASSIC_BROADCAST, SIO_CLASSIC_ACK, 0, NULL },
};
#define ROWS (sizeof rows / sizeof *rows)

static int read_whole(sio_classic_response *out, sio_arena *arena, sio_str bytes,
                      sio_classic_type question)
{
    static sio_value fields; /* lives as long as what is read */
    sio_str id;
    int err = sio_classic_response_find(&fields, &id, arena, bytes);
    return err ? err : sio_classic_response_read(out, &fields, question);
}

static void written_as_the_package_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str expected = json_or_hex(rows[i].text);
        sio_value *value = NULL;
        if (rows[i].json)
            assert_int_equal(sio_value_from_json(&value, rows[i].json, strlen(rows[i].json)), 0);
        const sio_classic_response response = {
            .type = rows[i].type, .id = SIO_STR("Q1"), .clients = rows[i].clients, .value = value
        };
        sio_buf out = { 0 };
        sio_classic_response_write(&out, &response);
        assert_int_equal(out.err, 0);
        assert_int_equal(out.len, expected.len);
        assert_memory_equal(out.data, expected.data, expected.len);
        sio_buf_free(&out);
        sio_value_free(value);
        hex_free(expected);
    }
}

static void read_as_they_were_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str bytes = json_or_hex(rows[i].text);
        sio_arena arena = { 0 };
        sio_classic_response got;
        assert_int_equal(read_whole(&got, &arena, bytes, rows[i].question), 0);
        assert_int_equal(got.type, rows[i].type);
        assert_true(sio_str_equal(got.id, SIO_STR("Q1")));
        assert_int_equal(got.clients, rows[i].clients);
        char *json;
        assert_int_equal(sio_value_to_json(got.value, &json, NULL), 0);
        assert_string_equal(json, rows[i].json ? rows[i].json : "null");
        assert_int_equal(got.value->type == SIO_TYPE_UNDEFINED, !rows[i].json);
        sio_free(json);
        sio_arena_free(&arena);
        hex_free(bytes);
    }
}

static int try_reading(sio_str bytes, int data)
{
    sio_classic_response response;
    sio_arena arena = { 0 };
    int err = read_whole(&response, &arena, bytes, (sio_classic_type)data);
    sio_arena_free(&arena);
    return err;
}

static void damaged_ones_are_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str whole = json_or_hex(rows[i].text);
        damage_is_harmless(whole, try_reading, (int)rows[i].question);
        hex_free(whole);
    }
}

static void malformed_ones_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sio_classic_type question;
    } bad[] = {
        { "c0", SIO_CLASSIC_FETCH }, /* nil, on which a Node.js node ends */
        { "{}", SIO_CLASSIC_FETCH },
        { "{\"requestId\":1}", SIO_CLASSIC_JOIN },
        { "{\"requestId\":\"Q1\"}", SIO_CLASSIC_FETCH },
        { "{\"requestId\":\"Q1\",\"sockets\":{}}", SIO_CLASSIC_FETCH },
        { "{\"requestId\":\"Q1\",\"sockets\":[]}", SIO_CLASSIC_ALL_ROOMS },
        { "{\"requestId\":\"Q1\",\"rooms\":\"r\"}", SIO_CLASSIC_ALL_ROOMS },
        { "{\"requestId\":\"Q1\"}", SIO_CLASSIC_BROADCAST },
        { "{\"requestId\":\"Q1\",\"type\":7}", SIO_CLASSIC_BROADCAST },
        { "{\"requestId\":\"Q1\",\"type\":8}", SIO_CLASSIC_BROADCAST },
        { "{\"requestId\":\"Q1\",\"type\":8,\"clientCount\":-1}", SIO_CLASSIC_BROADCAST },
        { "{\"requestId\":\"Q1\",\"type\":8,\"clientCount\":4294967296}", SIO_CLASSIC_BROADCAST },
        { "{\"requestId\":\"Q1\",\"type\":8,\"clientCount\":\"1\"}", SIO_CLASSIC_BROADCAST },
        { "{\"requestId\":\"Q1\",\"type\":10,\"clientCount\":1}", SIO_CLASSIC_BROADCAST },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sio_str bytes = json_or_hex(bad[i].text);
        sio_classic_response response;
        sio_arena arena = { 0 };
        int err = read_whole(&response, &arena, bytes, bad[i].question);
        if (err != SIO_EPARSE)
            print_error("%s: %d\n", bad[i].text, err);
        assert_int_equal(err, SIO_EPARSE);
        sio_arena_free(&arena);
        hex_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_the_package_does),
        cmocka_unit_test(read_as_they_were_meant),
        cmocka_unit_test(damaged_ones_are_harmless),
        cmocka_unit_test(malformed_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
