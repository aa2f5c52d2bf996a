/* Memory runs out while a client polls and upgrades. */
#include "starved_lives.h"

static void live(void)
{
    struct peer *peer = peer_new(), *probe = peer_new();
    polling_life(peer, probe);
    faults.last = 0;
    all_is_well();
    peer_free(peer);
    peer_free(probe);
}

static void one_allocation_fails(void **state)
{
    (void)state;
    run_all(live, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
