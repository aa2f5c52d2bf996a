/* Memory runs out while a client lives by WebSocket. */
#include "starved_lives.h"

static void live(void)
{
    struct peer *peer = peer_new();
    websocket_life(peer);
    assert_true(faults.last > 0 || (app.questions == 5 && app.requested == 6));
    faults.last = 0;
    all_is_well();
    peer_free(peer);
}

static void one_allocation_fails(void **state)
{
    (void)state;
    run_all(live, 1);
}

/* Two clients of two proxies, one of each kind. */
static void live_behind_proxies(void)
{
    struct peer *first = peer_new_to(starved.proxied_port, 0), *second = peer_new();
    say_text(first, "PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n");
    websocket_life(first);
    say_text(second,
             "GET " ENGINE "websocket" HTTP "X-Forwarded-For: 192.0.2.3\r\n" WEBSOCKET "\r\n");
    comes(second, "0{\"sid\":");
    faults.last = 0;
    all_is_well();
    peer_free(first);
    peer_free(second);
}

static void allocations_fail_behind_proxies(void **state)
{
    (void)state;
    starved.guarded = true;
    run_all(live_behind_proxies, 1);
    starved.guarded = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_allocation_fails),
        cmocka_unit_test(allocations_fail_behind_proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
