/* Memory runs out while a server in service drains. */
#include "starved.h"

static void ends(struct peer *peer, const char *farewell)
{
    comes(peer, farewell);
    peer_free(peer);
}

static void drained(void)
{
    char sid[21] = "none";
    struct peer *websocket = peer_new_at(starved.socket_path), *polling = peer_new();
    say_hello(websocket);
    comes(websocket, "40{\"sid\":");
    say_text(polling, "GET " ENGINE "polling" HTTP "\r\n");
    if (comes(polling, "0{\"sid\":\"") && polling->len > 20)
        snprintf(sid, sizeof(sid), "%.20s", polling->in);
    say_poll(polling, sid);
    faults.armed = true;
    const int err = sio_server_drain(server, &(sio_drain_options){ .deadline_ms = 5 });
    faults.armed = false;
    assert_int_equal(err, 0);
    ends(websocket, "\x88");
    ends(polling, "\r\n\r\n1");
    for (const uint64_t end = now_ms() + GUARD_MS; !closed; turn(NULL))
        assert_true(now_ms() < end);
}

static void allocations_fail_in_a_drain(void **state)
{
    (void)state;
    run_all(drained, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_fail_in_a_drain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
