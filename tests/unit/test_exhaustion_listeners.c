/* Memory runs out under handlers that listen and filter. */
#include "starved.h"

static void live_with_listeners(void)
{
    struct peer *peer = peer_new();
    say_hello(peer);
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "422[\"listen\"]");
    comes(peer, "432");
    say_frame(peer, SIO_WS_TEXT, "42[\"held\",{\"n\":[1]}]");
    say_frame(peer, SIO_WS_TEXT, "42[\"refused\"]");
    say_frame(peer, SIO_WS_TEXT, "423[\"release\"]");
    comes(peer, "433");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    comes(peer, "asked");
    faults.last = 0;
    all_is_well();
    peer_free(peer);
}

static void allocations_fail_under_listeners(void **state)
{
    (void)state;
    run_all(live_with_listeners, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_fail_under_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
