#include "check.h"

#include <stdalign.h>

#include <sio/err.h>
#include <sio/sys/arena.h>
#include <sio/sys/limits.h>

static void fill_and_check(sio_arena *arena)
{
    unsigned char *parts[600];
    for (size_t i = 0; i < 600; i++) {
        parts[i] = sio_arena_alloc(arena, i * 7);
        assert_non_null(parts[i]);
        assert_int_equal((uintptr_t)parts[i] % alignof(max_align_t), 0);
        memset(parts[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < 600; i++)
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(parts[i][j], (unsigned char)i);
}

static void parts_do_not_overlap(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    for (int round = 0; round < 3; round++) {
        fill_and_check(&arena);
        sio_arena_reset(&arena);
    }
    sio_arena_free(&arena);
    assert_null(arena.chunk);
}

static void big_ones_leave_the_chunk_in_use(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    char *small = sio_arena_alloc(&arena, 16);
    char *big = sio_arena_alloc(&arena, 1000000);
    assert_non_null(big);
    memset(big, 'x', 1000000);
    assert_ptr_equal(sio_arena_alloc(&arena, 16), small + 16);
    sio_arena_free(&arena);
}

static void reset_keeps_an_ordinary_chunk_only(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    assert_non_null(sio_arena_alloc(&arena, 1000000));
    sio_arena_reset(&arena);
    assert_null(arena.chunk);

    char *first = sio_arena_alloc(&arena, 16);
    assert_non_null(sio_arena_alloc(&arena, 1000000));
    sio_arena_reset(&arena);
    assert_ptr_equal(sio_arena_alloc(&arena, 16), first);
    sio_arena_free(&arena);
}

static void refuses_what_is_too_much(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    assert_null(sio_arena_alloc(&arena, SIO_LIMIT_LENGTH));
    assert_null(sio_arena_alloc(&arena, SIZE_MAX));
    assert_null(sio_arena_strndup(&arena, "", SIZE_MAX));
    assert_non_null(sio_arena_alloc(&arena, 1));
    sio_arena_free(&arena);
    sio_arena_free(&arena);
    sio_arena_reset(&arena);
}

static void copies_text(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    assert_memory_equal(sio_arena_strndup(&arena, "a\0bc", 3), "a\0b", 4);
    assert_string_equal(sio_arena_strndup(&arena, NULL, 0), "");
    sio_arena_free(&arena);
}

static void what_is_reserved_is_one_chunk(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    assert_int_equal(sio_arena_size(0), 0);
    assert_int_equal(sio_arena_size(1), alignof(max_align_t));
    assert_int_equal(sio_arena_size(alignof(max_align_t)), alignof(max_align_t));
    assert_int_equal(sio_arena_reserve(&arena, 2 * sio_arena_size(5)), 0);
    const sio_arena_chunk *chunk = arena.chunk;
    char *first = sio_arena_alloc(&arena, 5);
    assert_ptr_equal(sio_arena_alloc(&arena, 5), first + sio_arena_size(5));
    assert_ptr_equal(arena.chunk, chunk);
    assert_non_null(sio_arena_alloc(&arena, 1));
    assert_ptr_not_equal(arena.chunk, chunk);
    assert_int_equal(sio_arena_reserve(&arena, SIO_LIMIT_LENGTH), SIO_ELIMIT);
    sio_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_do_not_overlap),
        cmocka_unit_test(big_ones_leave_the_chunk_in_use),
        cmocka_unit_test(reset_keeps_an_ordinary_chunk_only),
        cmocka_unit_test(refuses_what_is_too_much),
        cmocka_unit_test(copies_text),
        cmocka_unit_test(what_is_reserved_is_one_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
