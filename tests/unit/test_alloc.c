#include "check.h"

#include <sio/err.h>
#include <sio/memory.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>
#include <sio/value.h>

static void gives_what_was_asked(void **state)
{
    (void)state;
    char *memory = sio_mem_zalloc(100);
    assert_non_null(memory);
    for (int i = 0; i < 100; i++)
        assert_int_equal(memory[i], 0);
    memset(memory, 'x', 100);
    memory = sio_mem_realloc(memory, 200);
    assert_non_null(memory);
    assert_int_equal(memory[99], 'x');
    sio_mem_free(memory);
}

static void nothing_is_still_memory(void **state)
{
    (void)state;
    void *memory[] = { sio_mem_alloc(0), sio_mem_zalloc(0), sio_mem_realloc(NULL, 0) };
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(memory[i]);
        sio_mem_free(memory[i]);
    }
    sio_mem_free(NULL);
    sio_free(NULL);
}

static void refuses_what_is_too_much(void **state)
{
    (void)state;
    char *memory = sio_mem_alloc(1);
    assert_null(sio_mem_alloc(SIO_LIMIT_LENGTH));
    assert_null(sio_mem_zalloc(SIZE_MAX));
    assert_null(sio_mem_realloc(memory, SIO_LIMIT_LENGTH));
    assert_null(sio_mem_strndup("", SIZE_MAX));
    assert_null(sio_mem_strndup("", SIO_LIMIT_LENGTH - 1));
    sio_mem_free(memory);
}

static void copies_text(void **state)
{
    (void)state;
    char *copy = sio_mem_strndup("a\0bc", 3);
    assert_memory_equal(copy, "a\0b", 4);
    sio_free(copy);
    copy = sio_mem_strndup(NULL, 0);
    assert_string_equal(copy, "");
    sio_free(copy);
}

static void *never(size_t size, void *data)
{
    (void)size, (void)data;
    return NULL;
}

static void *never_again(void *memory, size_t size, void *data)
{
    (void)memory, (void)size, (void)data;
    return NULL;
}

static void no_more(void *memory, void *data)
{
    (void)memory, (void)data;
}

static void memory_in_use_keeps_its_allocator(void **state)
{
    const sio_allocator late = { .alloc = never, .realloc = never_again, .free = no_more };
    void *memory = sio_mem_alloc(1);
    (void)state;
    assert_int_equal(sio_memory_use(&late), SIO_EEXISTS);
    sio_mem_free(memory);
    memory = sio_mem_alloc(1);
    assert_non_null(memory);
    sio_mem_free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_in_use_keeps_its_allocator),
        cmocka_unit_test(gives_what_was_asked),
        cmocka_unit_test(nothing_is_still_memory),
        cmocka_unit_test(refuses_what_is_too_much),
        cmocka_unit_test(copies_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
