#include "check.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/map.h>

#define MANY 5000

typedef struct item {
    char name[24];
    bool in;
} item;

static const uint64_t seed[2] = { 0x0123456789abcdef, 0xfedcba9876543210 };

static sio_str name_of(const void *object)
{
    return sio_str_from(((const item *)object)->name);
}

static item *items_new(void)
{
    item *items = calloc(MANY, sizeof *items);
    for (int i = 0; i < MANY; i++)
        snprintf(items[i].name, sizeof items[i].name, "%0*d", 1 + i % 20, i);
    return items;
}

static void check_all(const sio_map *map, const item *items)
{
    size_t count = 0;
    for (int i = 0; i < MANY; i++) {
        const void *want = items[i].in ? &items[i] : NULL;
        assert_ptr_equal(sio_map_get(map, name_of(&items[i])), want);
        count += items[i].in;
    }
    assert_int_equal(map->count, count);
    size_t at = 0;
    while (sio_map_next(map, &at))
        count--;
    assert_int_equal(count, 0);
}

static void empty_has_nothing(void **state)
{
    (void)state;
    sio_map map;
    sio_map_init(&map, name_of, seed);
    size_t at = 0;
    assert_null(sio_map_get(&map, SIO_STR("a")));
    assert_null(sio_map_remove(&map, SIO_STR("a")));
    assert_null(sio_map_next(&map, &at));
    assert_null(map.slots);
    sio_map_free(&map);
}

/* Inserts and removes in an order of chance against the plain truth in `in`. */
static void holds_what_was_put_in(void **state)
{
    (void)state;
    item *items = items_new();
    sio_map map;
    sio_map_init(&map, name_of, seed);
    uint32_t chance = 1;
    for (int step = 0; step < 60000; step++) {
        chance = chance * 1664525 + 1013904223;
        item *one = &items[chance / 65536 % (step < 30000 ? MANY : MANY / 20)];
        if (one->in)
            assert_ptr_equal(sio_map_remove(&map, name_of(one)), one);
        else
            assert_int_equal(sio_map_insert(&map, one), 0);
        one->in = !one->in;
        if (step % 5000 == 0)
            check_all(&map, items);
    }
    check_all(&map, items);
    sio_map_free(&map);
    free(items);
}

static void grows_and_shrinks(void **state)
{
    (void)state;
    item *items = items_new();
    sio_map map;
    sio_map_init(&map, name_of, seed);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(sio_map_insert(&map, &items[i]), 0);
        items[i].in = true;
        assert_true(map.count <= map.cap / 4 * 3);
    }
    uint32_t cap = map.cap;
    for (int i = 10; i < MANY; i++) {
        assert_ptr_equal(sio_map_remove(&map, name_of(&items[i])), &items[i]);
        items[i].in = false;
    }
    check_all(&map, items);
    assert_true(map.cap <= cap / 16);
    sio_map_free(&map);
    check_all(&map, memset(items, 0, MANY * sizeof *items));
    free(items);
}

/* The place of a name depends on the seed, so nobody can choose names that meet. */
static void the_seed_decides_the_order(void **state)
{
    (void)state;
    item *items = items_new();
    sio_map one, other;
    sio_map_init(&one, name_of, seed);
    sio_map_init(&other, name_of, (const uint64_t[2]){ 1, 2 });
    for (int i = 0; i < 100; i++) {
        assert_int_equal(sio_map_insert(&one, &items[i]), 0);
        assert_int_equal(sio_map_insert(&other, &items[i]), 0);
    }
    size_t a = 0, b = 0, differ = 0;
    for (int i = 0; i < 100; i++)
        differ += sio_map_next(&one, &a) != sio_map_next(&other, &b);
    assert_true(differ > 50);
    sio_map_free(&one);
    sio_map_free(&other);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_has_nothing),
        cmocka_unit_test(holds_what_was_put_in),
        cmocka_unit_test(grows_and_shrinks),
        cmocka_unit_test(the_seed_decides_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
