/* Memory runs out while a server is one of a cluster. */
#include "starved.h"

#include <hiredis/hiredis.h>

#include "redis_process.h"

static redis_process redis;

static bool linked(void)
{
    return stats_now().cluster.connects > 0;
}

static void publish(const char *channel, const char *bytes, size_t len)
{
    redisContext *client = redisConnectUnix(redis.socket);
    assert_true(client && !client->err);
    freeReplyObject(redisCommand(client, "PUBLISH %s %b", channel, bytes, len));
    redisFree(client);
}

/* ["uid", {type: 2, data: ["news", 1], nsp: "/"}, {}] */
static const char news[] = "\x93\xa3uid\x83\xa4type\x02\xa4"
                           "data\x92\xa4news\x01\xa3nsp\xa1/\x80";

/* {uid: "x", requestId: "q", type: 7, packet: {type: 2, data: ["news"], nsp: "/"}, opts: {}} */
#define BROADCAST_REQUEST                                                                          \
    "\x85\xa3uid\xa1x\xa9requestId\xa1q\xa4type\x07\xa6packet\x83\xa4type\x02\xa4"                 \
    "data\x91\xa4news\xa3nsp\xa1/\xa4opts\x80"

/* What another node asks, whose answer nobody awaits. */
static const char *const requests[] = {
    "{\"uid\":\"x\",\"requestId\":\"q\",\"type\":1}",
    "{\"uid\":\"x\",\"requestId\":\"q\",\"type\":0,\"rooms\":[]}",
    "{\"uid\":\"x\",\"type\":2,\"opts\":{\"rooms\":[],\"except\":[]},\"rooms\":[\"other\"]}",
    (BROADCAST_REQUEST),
};

static void live_with_redis(void)
{
    struct peer *peer = peer_new();
    say_hello(peer);
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    for (const uint64_t end = now_ms() + patience_ms(); !linked() && now_ms() < end;)
        turn(NULL);
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        publish("socket.io-request#/#", requests[i], strlen(requests[i]));
    publish("socket.io#/#", news, sizeof(news) - 1);
    comes(peer, "news");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    comes(peer, "asked");
    settle(peer);
    faults.last = 0;
    for (const uint64_t end = now_ms() + GUARD_MS; !linked();) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    all_is_well();
    peer_free(peer);
}

static void run_with_redis(sio_redis_subscribe subscribe)
{
    char url[64];
    starved.subscribe = subscribe;
    redis_process_start(&redis, NULL);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%d", redis.port);
    starved.redis = url;
    run_all(live_with_redis, 1);
    redis_process_end(&redis);
}
static void allocations_fail_with_redis(void **state)
{
    (void)state;
    run_with_redis(SIO_SUBSCRIBE_PATTERN);
}

static void allocations_fail_with_redis_by_rooms(void **state)
{
    (void)state;
    run_with_redis(SIO_SUBSCRIBE_ROOMS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_fail_with_redis),
        cmocka_unit_test(allocations_fail_with_redis_by_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
