#include <sio/sys/frame.h>

#include "check.h"

static void check_str(sio_str got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.data, expected, got.len);
}

static void text_is_an_engine_message(void **state)
{
    (void)state;
    sio_frame *frame = sio_frame_new(SIO_STR("2[\"a\"]"), false);
    assert_non_null(frame);
    assert_int_equal(frame->len, 9);
    assert_memory_equal(frame->data,
                        "\x81\x07"
                        "42[\"a\"]",
                        9);
    check_str(sio_frame_payload(frame), "42[\"a\"]");
    check_str(sio_frame_polling(frame), "42[\"a\"]");
    assert_null(frame->polling);
    sio_frame_unref(frame);
}

static void binary_is_bytes_with_a_polling_form_made_once(void **state)
{
    (void)state;
    sio_frame *frame = sio_frame_new((sio_str){ "\1\2\3\4", 4 }, true);
    assert_non_null(frame);
    assert_int_equal(frame->len, 6);
    assert_memory_equal(frame->data, "\x82\x04\1\2\3\4", 6);
    assert_null(frame->polling);
    check_str(sio_frame_polling(frame), "bAQIDBA==");
    assert_ptr_equal(sio_frame_polling(frame).data, frame->polling);
    sio_frame_unref(frame);
}

static void revision3_has_its_own_chain(void **state)
{
    (void)state;
    sio_frame *text = sio_frame_new(SIO_STR("2[]"), false);
    assert_non_null(text);
    assert_false(sio_frame_has_binary(text));
    text->next = sio_frame_new((sio_str){ "\1\2", 2 }, true);
    assert_non_null(text->next);
    text->next->next = sio_frame_new((sio_str){ NULL, 0 }, true);
    assert_non_null(text->next->next);
    assert_true(sio_frame_has_binary(text));
    assert_true(sio_frame_has_binary(text->next));
    sio_frame *other = sio_frame_revision3(text);
    assert_non_null(other);
    assert_ptr_equal(sio_frame_revision3(text), other);
    sio_frame_ref(other);
    sio_frame_unref(text); /* each lives on its own */
    check_str(sio_frame_payload(other), "42[]");
    check_str(sio_frame_polling(other), "42[]");
    assert_memory_equal(other->next->data, "\x82\x03\4\1\2", 5);
    check_str(sio_frame_polling(other->next), "b4AQI=");
    assert_memory_equal(other->next->next->data, "\x82\x01\4", 3);
    check_str(sio_frame_polling(other->next->next), "b4");
    assert_null(other->next->next->next);
    sio_frame_unref(other);
}

static void empty_payloads(void **state)
{
    (void)state;
    sio_frame *frame = sio_frame_new((sio_str){ NULL, 0 }, true);
    assert_non_null(frame);
    assert_int_equal(frame->len, 2);
    check_str(sio_frame_polling(frame), "b");
    sio_frame_unref(frame);
    frame = sio_frame_new((sio_str){ NULL, 0 }, false);
    assert_non_null(frame);
    check_str(sio_frame_payload(frame), "4");
    sio_frame_unref(frame);
}

static void bare_packets(void **state)
{
    (void)state;
    sio_frame *ping = sio_frame_new_packet('2', (sio_str){ NULL, 0 });
    assert_non_null(ping);
    assert_memory_equal(ping->data,
                        "\x81\x01"
                        "2",
                        3);
    sio_frame_unref(ping);
    sio_frame *pong = sio_frame_new_packet('3', SIO_STR("probe"));
    assert_non_null(pong);
    check_str(sio_frame_payload(pong), "3probe");
    sio_frame_unref(pong);
}

static void headers_grow_with_the_payload(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        uint8_t header;
    } cases[] = { { 125, 2 }, { 126, 4 }, { 65535, 4 }, { 65536, 10 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sio_frame *frame = sio_frame_alloc(cases[i].len, true);
        assert_non_null(frame);
        assert_int_equal(frame->header, cases[i].header);
        assert_int_equal(frame->len, cases[i].header + cases[i].len);
        memset(frame->data + frame->header, 'x', cases[i].len);
        sio_frame_unref(frame);
    }
}

static void refuses_what_no_length_can_say(void **state)
{
    (void)state;
    assert_null(sio_frame_alloc((size_t)SIO_FRAME_MAX + 1, true));
    assert_null(sio_frame_alloc(SIZE_MAX, false));
    assert_null(sio_frame_new_packet('4', (sio_str){ "", SIZE_MAX }));
    assert_null(sio_frame_new_packet('4', (sio_str){ "", SIO_FRAME_MAX }));
}

static void a_chain_lives_as_long_as_its_head(void **state)
{
    (void)state;
    sio_frame *head = sio_frame_new(SIO_STR("51-[]"), false);
    assert_non_null(head);
    head->next = sio_frame_new(SIO_STR("abc"), true);
    assert_non_null(head->next);
    head->next->next = sio_frame_new(SIO_STR(""), true);
    assert_non_null(head->next->next);
    check_str(sio_frame_polling(head->next), "bYWJj");
    assert_int_equal(sio_frame_chain_bytes(head), 8 + 5 + 2);
    assert_int_equal(sio_frame_chain_bytes(NULL), 0);
    assert_ptr_equal(sio_frame_ref(head), head);
    sio_frame_unref(head);
    check_str(sio_frame_payload(head->next), "abc");
    sio_frame_unref(head);
    sio_frame_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_an_engine_message),
        cmocka_unit_test(binary_is_bytes_with_a_polling_form_made_once),
        cmocka_unit_test(revision3_has_its_own_chain),
        cmocka_unit_test(empty_payloads),
        cmocka_unit_test(bare_packets),
        cmocka_unit_test(headers_grow_with_the_payload),
        cmocka_unit_test(refuses_what_no_length_can_say),
        cmocka_unit_test(a_chain_lives_as_long_as_its_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
