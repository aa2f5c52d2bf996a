/* Channels and patterns of the classic adapter. */
#include <sio/sys/cluster.h>

#include "check.h"

#define KEY     SIO_STR("socket.io")
#define NO_ROOM ((sio_str){ NULL, 0 })

static void assert_buf(sio_buf *buf, const char *expected)
{
    assert_int_equal(buf->err, 0);
    assert_int_equal(buf->len, strlen(expected));
    assert_memory_equal(buf->data, expected, buf->len);
    sio_buf_free(buf);
}

static void assert_channel(sio_str key, sio_str nsp, sio_str room, const char *expected)
{
    sio_buf out = { 0 };
    sio_cluster_channel(&out, key, nsp, room);
    assert_buf(&out, expected);
}

static void channels_are_those_of_the_package(void **state)
{
    (void)state;
    assert_channel(KEY, SIO_STR("/"), NO_ROOM, "socket.io#/#");
    assert_channel(KEY, SIO_STR("/admin"), NO_ROOM, "socket.io#/admin#");
    assert_channel(KEY, SIO_STR("/"), SIO_STR("r1"), "socket.io#/#r1#");
    assert_channel(KEY, SIO_STR("/"), SIO_STR("4712"), "socket.io#/#4712#");
    assert_channel(SIO_STR("k#2"), SIO_STR("/a"), SIO_STR(""), "k#2#/a##");
    assert_channel(KEY, SIO_STR("/[ab]*"), SIO_STR("c?\\"), "socket.io#/[ab]*#c?\\#");
}

static void assert_pattern(sio_str key, sio_str nsp, const char *expected)
{
    sio_buf out = { 0 };
    sio_cluster_pattern(&out, key, nsp);
    assert_buf(&out, expected);
}

static void patterns_escape_what_redis_would_match(void **state)
{
    (void)state;
    assert_pattern(KEY, SIO_STR("/"), "socket.io#/#*");
    assert_pattern(KEY, SIO_STR("/my-app"), "socket.io#/my-app#*");
    assert_pattern(SIO_STR("k*"), SIO_STR("/[a^b-c]?\\"), "k\\*#/\\[a^b-c]\\?\\\\#*");
}

static void assert_room(const char *channel, sio_str nsp, const char *expected)
{
    size_t len = strlen(channel);
    char *copy = malloc(len ? len : 1);
    memcpy(copy, channel, len);
    sio_str room = SIO_STR("untouched");
    bool matches = sio_cluster_channel_room((sio_str){ copy, len }, KEY, nsp, &room);
    assert_true(matches);
    if (expected)
        assert_true(sio_str_equal(room, sio_str_from(expected)));
    else
        assert_null(room.data);
    free(copy);
}

static void assert_no_channel(const char *channel, sio_str nsp)
{
    size_t len = strlen(channel);
    char *copy = malloc(len ? len : 1);
    memcpy(copy, channel, len);
    sio_str room = SIO_STR("untouched");
    assert_false(sio_cluster_channel_room((sio_str){ copy, len }, KEY, nsp, &room));
    assert_true(sio_str_equal(room, SIO_STR("untouched")));
    free(copy);
}

static void rooms_are_read_from_channels(void **state)
{
    (void)state;
    assert_room("socket.io#/#", SIO_STR("/"), NULL);
    assert_room("socket.io#/##", SIO_STR("/"), NULL);
    assert_room("socket.io#/#r1#", SIO_STR("/"), "r1");
    assert_room("socket.io#/#a#b##", SIO_STR("/"), "a#b#");
    assert_room("socket.io#/a#b#", SIO_STR("/a"), "b");
    assert_room("socket.io#/a#b#", SIO_STR("/a#b"), NULL);
    assert_room("socket.io#/#*[?\\#", SIO_STR("/"), "*[?\\");
}

static void other_channels_are_told_apart(void **state)
{
    (void)state;
    static const char whole[] = "socket.io#/a#room#";
    assert_no_channel("", SIO_STR("/"));
    assert_no_channel("socket.io", SIO_STR("/"));
    assert_no_channel("socket.io#/", SIO_STR("/"));
    assert_no_channel("socket.ioX/#", SIO_STR("/"));
    assert_no_channel("socket.io#/ab#", SIO_STR("/a"));
    assert_no_channel("socket.io#/b#", SIO_STR("/a"));
    assert_no_channel("socket.io-request#/#", SIO_STR("/"));
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *cut = strndup(whole, len);
        if (strcmp(cut, "socket.io#/a#") != 0)
            assert_no_channel(cut, SIO_STR("/a"));
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_are_those_of_the_package),
        cmocka_unit_test(patterns_escape_what_redis_would_match),
        cmocka_unit_test(rooms_are_read_from_channels),
        cmocka_unit_test(other_channels_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
