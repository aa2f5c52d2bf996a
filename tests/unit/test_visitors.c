/* How many connections an address has, and how fast it opens new ones; and the buckets for it. */
#include <sio/sys/limits.h>

#include "check.h"
#include "core/visitors.h"

static const uint64_t seed[2] = { 1, 2 };
static sio_visitors visitors;

static sio_address address_of(const char *text)
{
    sio_address address;
    assert_int_equal(sio_address_read(&address, sio_str_from(text)), 0);
    return address;
}

static void begin(uint32_t most, sio_rate rate)
{
    sio_visitors_init(&visitors, most, &rate, seed);
}

static sio_verdict enter(const char *text, uint64_t now, sio_visitor **out)
{
    const sio_address address = address_of(text);
    return sio_visitors_enter(&visitors, &address, true, now, out);
}

static void an_address_has_so_many_connections(void **state)
{
    (void)state;
    sio_visitor *one, *two, *other, *no = NULL;
    begin(2, (sio_rate){ 0 });
    assert_int_equal(enter("192.0.2.1", 0, &one), SIO_VERDICT_ADMIT);
    assert_int_equal(enter("::ffff:192.0.2.1", 0, &two), SIO_VERDICT_ADMIT);
    assert_ptr_equal(one, two);
    assert_int_equal(enter("192.0.2.1", 0, &no), SIO_VERDICT_TOO_MANY);
    assert_null(no);
    assert_int_equal(enter("192.0.2.2", 0, &other), SIO_VERDICT_ADMIT);
    sio_visitors_leave(&visitors, one, 0);
    assert_int_equal(enter("192.0.2.1", 0, &one), SIO_VERDICT_ADMIT);
    sio_visitors_leave(&visitors, one, 0);
    sio_visitors_leave(&visitors, two, 0);
    sio_visitors_leave(&visitors, other, 0);
    assert_int_equal(visitors.known.count, 0);
    sio_visitors_free(&visitors);
}

static void what_exists_is_counted_only(void **state)
{
    (void)state;
    sio_visitor *all[3];
    const sio_address address = address_of("192.0.2.1");
    begin(1, (sio_rate){ 1, 1 });
    for (int i = 0; i < 3; i++)
        assert_int_equal(sio_visitors_enter(&visitors, &address, false, 0, &all[i]),
                         SIO_VERDICT_ADMIT);
    assert_int_equal(all[0]->count, 3);
    for (int i = 0; i < 3; i++)
        sio_visitors_leave(&visitors, all[i], 0);
    assert_int_equal(visitors.known.count, 0);
    sio_visitors_free(&visitors);
}

static void a_subscriber_of_ipv6_is_one(void **state)
{
    (void)state;
    sio_visitor *one, *other;
    begin(1, (sio_rate){ 0 });
    assert_int_equal(enter("2001:db8:0:1::1", 0, &one), SIO_VERDICT_ADMIT);
    assert_int_equal(enter("2001:db8:0:1:ffff::9", 0, &other), SIO_VERDICT_TOO_MANY);
    assert_int_equal(enter("2001:db8:0:2::1", 0, &other), SIO_VERDICT_ADMIT);
    sio_visitors_leave(&visitors, one, 0);
    sio_visitors_leave(&visitors, other, 0);
    sio_visitors_free(&visitors);
}

/* Opens and closes until it is refused. */
static int burst(const char *text, uint64_t now)
{
    sio_visitor *visitor;
    int count = 0;
    while (enter(text, now, &visitor) == SIO_VERDICT_ADMIT) {
        sio_visitors_leave(&visitors, visitor, now);
        count++;
    }
    return count;
}

static void new_connections_come_so_fast(void **state)
{
    (void)state;
    begin(0, (sio_rate){ .per_second = 2, .burst = 5 });
    assert_int_equal(burst("192.0.2.1", 1000), 5);
    assert_int_equal(burst("192.0.2.1", 1499), 1);
    assert_int_equal(burst("192.0.2.2", 1499), 5);
    assert_int_equal(burst("192.0.2.1", 2499), 2);
    assert_int_equal(burst("192.0.2.1", 100000), 5);
    assert_int_equal(visitors.known.count, 1);
    assert_int_equal(burst("192.0.2.3", 200000), 5);
    assert_int_equal(visitors.known.count, 1);
    sio_visitors_free(&visitors);
}

static void a_connection_pays_for_its_sessions(void **state)
{
    (void)state;
    sio_visitor *one;
    begin(0, (sio_rate){ .per_second = 1, .burst = 2 });
    assert_int_equal(enter("192.0.2.1", 0, &one), SIO_VERDICT_ADMIT);
    assert_int_equal(sio_visitors_charge(&visitors, one, 0), SIO_VERDICT_ADMIT);
    assert_int_equal(sio_visitors_charge(&visitors, one, 0), SIO_VERDICT_TOO_FAST);
    assert_int_equal(sio_visitors_charge(&visitors, one, 1000), SIO_VERDICT_ADMIT);
    sio_visitors_leave(&visitors, one, 1000);
    sio_visitors_free(&visitors);
}

/* Whoever has all addresses of IPv6 does not fill the memory. */
static void those_who_left_are_forgotten_at_last(void **state)
{
    (void)state;
    sio_visitor *one;
    begin(0, (sio_rate){ .per_second = 1, .burst = 100 });
    for (uint32_t i = 0; i < SIO_LIMIT_ADDRESSES + 1000; i++) {
        sio_address address = address_of("2001:db8::");
        memcpy(address.bytes + 4, &i, sizeof(i));
        assert_int_equal(sio_visitors_enter(&visitors, &address, true, 0, &one), SIO_VERDICT_ADMIT);
        sio_visitors_leave(&visitors, one, 0);
    }
    assert_int_equal(visitors.known.count, SIO_LIMIT_ADDRESSES);
    assert_int_equal(enter("192.0.2.1", 60000, &one), SIO_VERDICT_ADMIT);
    assert_int_equal(visitors.known.count, 1);
    sio_visitors_leave(&visitors, one, 60000);
    sio_visitors_free(&visitors);
}

static void buckets_take_what_is_larger_than_a_burst(void **state)
{
    (void)state;
    const sio_rate rate = { .per_second = 1000, .burst = 1000 };
    sio_bucket bucket = { 0 };
    assert_true(sio_bucket_take(&bucket, &rate, 0, 10000));
    assert_false(sio_bucket_take(&bucket, &rate, 9000, 1));
    assert_true(sio_bucket_take(&bucket, &rate, 9001, 1));
    assert_true(sio_bucket_take(&bucket, &rate, UINT64_MAX, 1));
    assert_int_equal(bucket.debt, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_so_many_connections),
        cmocka_unit_test(what_exists_is_counted_only),
        cmocka_unit_test(a_subscriber_of_ipv6_is_one),
        cmocka_unit_test(new_connections_come_so_fast),
        cmocka_unit_test(a_connection_pays_for_its_sessions),
        cmocka_unit_test(those_who_left_are_forgotten_at_last),
        cmocka_unit_test(buckets_take_what_is_larger_than_a_burst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
