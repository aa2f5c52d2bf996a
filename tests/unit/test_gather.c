/* What was gathered for one client goes to another only if that one gets exactly the same. */
#include <sio/sys/frame.h>

#include "check.h"
#include "net/gather.h"

#define FRAMES 3

static sio_frame *frames[FRAMES];
static sio_gather gather;

static void make_frames(void)
{
    static const char *const texts[] = { "2[\"a\"]", "2[\"b\"]", "2[\"c\"]" };
    for (int i = 0; i < FRAMES; i++) {
        frames[i] = sio_frame_new(sio_str_from(texts[i]), false);
        assert_non_null(frames[i]);
    }
}

static void drop_frames(void)
{
    sio_gather_forget(&gather);
    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(frames[i]->refs, 1);
        sio_frame_unref(frames[i]);
    }
}

/* An outbox with these frames, whose ring begins at `head`. */
static sio_outbox outbox_of(unsigned head, const char *which)
{
    sio_outbox outbox = { 0 };
    for (unsigned i = 0; i < head; i++)
        assert_int_equal(sio_outbox_push(&outbox, frames[0]), 0);
    for (unsigned i = 0; i < head; i++)
        sio_frame_unref(sio_outbox_pop(&outbox));
    for (const char *at = which; *at; at++)
        assert_int_equal(sio_outbox_push(&outbox, frames[*at - 'a']), 0);
    return outbox;
}

static bool holds(unsigned head, const char *which, uint32_t deflate_max)
{
    sio_outbox outbox = outbox_of(head, which);
    const bool held = sio_gather_holds(&gather, &outbox, deflate_max);
    sio_outbox_clear(&outbox);
    return held;
}

static void keep(const char *which, uint32_t deflate_max)
{
    sio_outbox outbox = outbox_of(0, which);
    sio_gather_forget(&gather);
    sio_gather_keep(&gather, &outbox, deflate_max, outbox.bytes);
    sio_outbox_clear(&outbox);
}

static void the_same_frames_in_the_same_order(void **state)
{
    (void)state;
    make_frames();
    assert_false(holds(0, "ab", 0));
    keep("ab", 0);
    assert_true(holds(0, "ab", 0));
    assert_true(holds(1, "ab", 0));
    assert_false(holds(0, "ba", 0));
    assert_false(holds(0, "ac", 0));
    assert_false(holds(0, "a", 0));
    assert_false(holds(0, "abc", 0));
    assert_false(holds(0, "ab", 100));
    assert_false(holds(3, "ab", 0)); /* it goes around the end of the ring */
    keep("abc", 100);
    assert_true(holds(0, "abc", 100));
    assert_false(holds(0, "ab", 0));
    drop_frames();
}

static void keeps_its_frames_until_it_forgets_them(void **state)
{
    (void)state;
    make_frames();
    keep("ab", 0);
    assert_int_equal(frames[0]->refs, 2);
    assert_int_equal(frames[2]->refs, 1);
    assert_int_equal(gather.bytes, frames[0]->len + frames[1]->len);
    sio_gather_forget(&gather);
    assert_int_equal(frames[0]->refs, 1);
    assert_false(holds(0, "ab", 0));
    sio_gather_forget(&gather);
    drop_frames();
}

static void more_than_it_remembers_is_not_kept(void **state)
{
    (void)state;
    char most[SIO_LIMIT_IOV + 2];
    make_frames();
    memset(most, 'b', sizeof most);
    most[SIO_LIMIT_IOV] = '\0';
    keep(most, 0);
    assert_true(holds(0, most, 0));
    most[SIO_LIMIT_IOV] = 'b';
    most[SIO_LIMIT_IOV + 1] = '\0';
    keep(most, 0);
    assert_false(holds(0, most, 0));
    assert_int_equal(gather.count, 0);
    drop_frames();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_frames_in_the_same_order),
        cmocka_unit_test(keeps_its_frames_until_it_forgets_them),
        cmocka_unit_test(more_than_it_remembers_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
