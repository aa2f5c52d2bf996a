/* Slots of Redis Cluster, as CLUSTER KEYSLOT of Redis 7.0 gives them. */
#include "check.h"
#include "redis/slot.h"

static void as_redis_has_them(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        uint16_t slot;
    } rows[] = {
        { "foo", 12182 },
        { "123456789", 12739 },
        { "socket.io#/#", 13868 },
        { "socket.io#/#room#", 13059 },
        { "{user1000}.following", 3443 },
        { "user1000", 3443 },
        { "foo{}{bar}", 8363 },
        { "foo{{bar}}zap", 4015 },
        { "foo{bar}{zap}", 5061 },
        { "bar", 5061 },
        { "socket.io#/a{b}#c#", 3300 },
        { "{", 4092 },
        { "}{", 12793 },
        { "a{b", 13340 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sio_redis_slot(sio_str_from(rows[i].key)), rows[i].slot);
    assert_int_equal(sio_redis_slot((sio_str){ NULL, 0 }), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(as_redis_has_them) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
