/* An application's allocator: all that the library takes comes from it and goes back to it. */
#include "live.h"

#include <stdalign.h>

#include <sio/memory.h>

/* Before each piece of memory: its size. */
union head {
    size_t size;
    max_align_t aligned;
};

static struct {
    size_t pieces;
    size_t bytes;
    size_t allocations;
} mine;

static void *my_alloc(size_t size, void *data)
{
    assert_ptr_equal(data, &mine);
    assert_true(size > 0 && size < SIO_LIMIT_LENGTH);
    union head *head = malloc(sizeof(*head) + size);
    head->size = size;
    mine.pieces++;
    mine.allocations++;
    mine.bytes += size;
    memset(head + 1, 0xa5, size);
    return head + 1;
}

static void my_free(void *memory, void *data)
{
    assert_ptr_equal(data, &mine);
    union head *head = (union head *)memory - 1;
    mine.pieces--;
    mine.bytes -= head->size;
    free(head);
}

static void *my_realloc(void *memory, size_t size, void *data)
{
    const size_t before = memory ? ((union head *)memory - 1)->size : 0;
    void *fresh = my_alloc(size, data);
    if (!memory)
        return fresh;
    memcpy(fresh, memory, before < size ? before : size);
    my_free(memory, data);
    return fresh;
}

static const sio_allocator allocator = {
    .alloc = my_alloc,
    .realloc = my_realloc,
    .free = my_free,
    .data = &mine,
};

static void an_incomplete_one_is_refused(void **state)
{
    sio_allocator without = allocator;
    (void)state;
    without.free = NULL;
    assert_int_equal(sio_memory_use(NULL), SIO_EINVAL);
    assert_int_equal(sio_memory_use(&without), SIO_EINVAL);
    without = allocator;
    without.alloc = NULL;
    assert_int_equal(sio_memory_use(&without), SIO_EINVAL);
    without = allocator;
    without.realloc = NULL;
    assert_int_equal(sio_memory_use(&without), SIO_EINVAL);
}

static void it_is_set_once(void **state)
{
    (void)state;
    assert_int_equal(sio_memory_use(&allocator), 0);
    assert_int_equal(sio_memory_use(&allocator), SIO_EEXISTS);
    assert_int_equal(mine.allocations, 0);
}

static void values_come_from_it(void **state)
{
    sio_value *value;
    char *json;
    (void)state;
    assert_int_equal(sio_value_new(&value, "{s:[iif]}", "list", 1, 2, 0.5), 0);
    assert_int_equal(sio_value_to_json(value, &json, NULL), 0);
    assert_string_equal(json, "{\"list\":[1,2,0.5]}");
    assert_true(mine.bytes > 0);
    sio_value_free(value);
    sio_free(json);
    assert_int_equal(mine.pieces, 0);
}

/* A life of a server with clients, and no byte is left. */
static void servers_come_from_it(void **state)
{
    const sio_server_options options = {
        .per_message_deflate = { .enable = true },
        .cors = { .origins = SIO_ORIGINS("*") },
        .cookie = { .name = "io" },
    };
    char sid[21];
    (void)state;
    assert_int_equal(start_with(&options), 0);
    struct peer *one = connect_websocket(0), *two = peer_new();
    connect_polling(two, sid);
    send_frame(one, SIO_WS_TEXT, "42[\"message\",{\"a\":[1,2,\"three\"]}]");
    expect(one, "42[\"message-back\",{\"a\":[1,2,\"three\"]}]");
    send_poll(two, sid);
    assert_true(mine.pieces > 20);
    assert_int_equal(stop(NULL), 0);
    peer_free(one);
    peer_free(two);
    assert_int_equal(mine.pieces, 0);
    assert_int_equal(mine.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incomplete_one_is_refused),
        cmocka_unit_test(it_is_set_once),
        cmocka_unit_test(values_come_from_it),
        cmocka_unit_test(servers_come_from_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
