/* Memory runs out where all kinds of clients are: several allocations at a time. What one at a time
 * does to a kind alone, the other test_exhaustion_* show. */
#include "starved_lives.h"

static void live(void)
{
    struct peer *first = peer_new(), *second = peer_new(), *probe = peer_new();
    struct peer *passing = peer_new(), *slow = peer_new_to(sio_server_port(server), 4096);
    websocket_life(first);
    assert_true(faults.last > 0 || (app.questions == 5 && app.requested == 6));
    polling_life(second, probe);
    passing_life(passing);
    slow_life(slow);
    faults.last = 0;
    all_is_well();
    peer_free(first);
    peer_free(second);
    peer_free(probe);
    peer_free(passing);
    peer_free(slow);
}

static void some_allocations_fail(void **state)
{
    (void)state;
    run_all(live, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
