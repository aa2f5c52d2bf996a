#include "check.h"

#include <stdio.h>

#include "core/outbox.h"

static sio_frame *frame_of(int number)
{
    char text[16];
    const int len = snprintf(text, sizeof(text), "%d", number);
    sio_frame *frame = sio_frame_new((sio_str){ text, (size_t)len }, false);
    assert_non_null(frame);
    return frame;
}

static void push(sio_outbox *outbox, int number)
{
    sio_frame *frame = frame_of(number);
    assert_int_equal(sio_outbox_push(outbox, frame), 0);
    sio_frame_unref(frame);
}

static void expect(sio_frame *frame, int number)
{
    assert_non_null(frame);
    char text[16];
    const int len = snprintf(text, sizeof(text), "4%d", number);
    const sio_str payload = sio_frame_payload(frame);
    assert_int_equal(payload.len, len);
    assert_memory_equal(payload.data, text, payload.len);
}

static void gives_back_in_order(void **state)
{
    (void)state;
    sio_outbox outbox = { 0 };
    int in = 0, out = 0;
    for (int round = 1; round < 60; round++) {
        for (int i = 0; i < round; i++)
            push(&outbox, in++);
        for (int i = 0; i < round - round / 4; i++) {
            expect(sio_outbox_at(&outbox, 0), out);
            sio_frame *frame = sio_outbox_pop(&outbox);
            expect(frame, out++);
            sio_frame_unref(frame);
        }
        assert_int_equal(outbox.count, in - out);
        for (uint32_t i = 0; i < outbox.count; i++)
            expect(sio_outbox_at(&outbox, i), out + (int)i);
        assert_null(sio_outbox_at(&outbox, outbox.count));
    }
    sio_outbox_clear(&outbox);
    assert_int_equal(outbox.bytes, 0);
}

static void counts_the_bytes_of_chains(void **state)
{
    (void)state;
    sio_outbox outbox = { 0 };
    sio_frame *chain = frame_of(1);
    chain->next = sio_frame_new(SIO_STR("binary"), true);
    const size_t bytes = sio_frame_chain_bytes(chain);
    assert_int_equal(bytes, chain->len + chain->next->len);
    assert_int_equal(sio_outbox_push(&outbox, chain), 0);
    assert_int_equal(sio_outbox_push(&outbox, chain), 0);
    assert_int_equal(chain->refs, 3);
    assert_int_equal(outbox.bytes, 2 * bytes);
    assert_ptr_equal(sio_outbox_pop(&outbox), chain);
    sio_frame_unref(chain);
    assert_int_equal(outbox.bytes, bytes);
    sio_outbox_clear(&outbox);
    assert_int_equal(chain->refs, 1);
    sio_frame_unref(chain);
}

static void keeps_little_when_empty(void **state)
{
    (void)state;
    sio_outbox outbox = { 0 };
    assert_null(sio_outbox_pop(&outbox));
    for (int i = 0; i < 1000; i++)
        push(&outbox, i);
    for (int i = 0; i < 1000; i++)
        sio_frame_unref(sio_outbox_pop(&outbox));
    assert_true(outbox.cap <= 8);
    for (int i = 0; i < 3; i++)
        push(&outbox, i);
    sio_frame **slots = outbox.slots;
    for (int i = 0; i < 3; i++)
        sio_frame_unref(sio_outbox_pop(&outbox));
    push(&outbox, 4);
    assert_ptr_equal(outbox.slots, slots); /* an ordinary turn takes no memory */
    sio_outbox_clear(&outbox);
    assert_null(outbox.slots);
}

static void is_emptied_at_once(void **state)
{
    (void)state;
    sio_outbox outbox = { 0 };
    sio_frame *frame = frame_of(7);
    sio_outbox_empty(&outbox);
    for (int round = 0; round < 20; round++) {
        push(&outbox, round); /* the ring begins anywhere */
        sio_frame_unref(sio_outbox_pop(&outbox));
        for (int i = 0; i < round; i++)
            assert_int_equal(sio_outbox_push(&outbox, frame), 0);
        assert_int_equal(frame->refs, 1 + round);
        sio_outbox_empty(&outbox);
        assert_int_equal(frame->refs, 1);
        assert_int_equal(outbox.count, 0);
        assert_int_equal(outbox.bytes, 0);
        assert_true(outbox.cap <= 8);
    }
    sio_outbox_clear(&outbox);
    sio_frame_unref(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_in_order),
        cmocka_unit_test(counts_the_bytes_of_chains),
        cmocka_unit_test(keeps_little_when_empty),
        cmocka_unit_test(is_emptied_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
