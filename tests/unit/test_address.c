/* Addresses and blocks of them, as text. */
#include <sio/err.h>
#include <sio/sys/address.h>

#include "check.h"

static const struct good {
    const char *text;
    const char *written; /* NULL: the same */
} good[] = {
    { "0.0.0.0", NULL },
    { "192.0.2.255", NULL },
    { "::", NULL },
    { "::1", NULL },
    { "2001:db8::", NULL },
    { "2001:db8:0:1:1:1:1:1", NULL },
    { "2001:DB8::0001", "2001:db8::1" },
    { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
    { "1:0:0:2:0:0:0:3", "1:0:0:2::3" },
    { "1:2:3:4:5:6:7:8", NULL },
    { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
    { "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
    { "::ffff:192.0.2.1", "192.0.2.1" },
    { "::ffff:c000:201", "192.0.2.1" },
    { "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
    { "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201" },
};

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        sio_address address;
        char text[SIO_ADDRESS_TEXT];
        assert_int_equal(sio_address_read(&address, sio_str_from(good[i].text)), 0);
        assert_string_equal(sio_address_write(&address, text),
                            good[i].written ? good[i].written : good[i].text);
    }
}

static const char *const bad[] = {
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.04",
    "1.2.3.",
    ".1.2.3",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.4:80",
    "-1.2.3.4",
    "0x1.2.3.4",
    ":",
    ":::",
    ":1",
    "1:",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1::2::3",
    "12345::",
    "g::",
    "[::1]",
    "fe80::1%eth0",
    "::1.2.3",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "unknown",
    "localhost",
};

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        sio_address address;
        if (!sio_address_read(&address, sio_str_from(bad[i])))
            fail_msg("\"%s\" is an address", bad[i]);
    }
    sio_address address;
    assert_int_equal(sio_address_read(&address, SIO_STR("1.2.3.4\0")), SIO_EPARSE);
}

static const struct block {
    const char *block, *within, *outside;
} blocks[] = {
    { "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
    { "10.128.0.0/9", "10.200.0.1", "10.127.255.255" },
    { "192.0.2.7", "192.0.2.7", "192.0.2.6" },
    { "192.0.2.7/32", "::ffff:192.0.2.7", "192.0.2.6" },
    { "0.0.0.0/0", "255.1.2.3", "::1" },
    { "::/0", "1.2.3.4", NULL },
    { "fd00::/8", "fdff::1", "fe00::" },
    { "2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::" },
    { "::1/128", "::1", "::2" },
    { "::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3" },
};

static bool is_within(const char *text, const sio_address_block *block)
{
    sio_address address;
    assert_int_equal(sio_address_read(&address, sio_str_from(text)), 0);
    return sio_address_within(&address, block);
}

static void blocks_hold_what_begins_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        sio_address_block block;
        assert_int_equal(sio_address_block_read(&block, sio_str_from(blocks[i].block)), 0);
        assert_true(is_within(blocks[i].within, &block));
        if (blocks[i].outside)
            assert_false(is_within(blocks[i].outside, &block));
    }
}

static void what_is_no_block_is_refused(void **state)
{
    (void)state;
    const char *const none[] = { "",           "/8",         "10.0.0.0/",   "10.0.0.0/33",
                                 "10.0.0.0/x", "fd00::/129", "10.0.0.0/-1", "10.0.0.0/8/8",
                                 "10.1.0.0/8", "fd00::1/8",  "10.0.0.0/08", "10.0.0.0 /8" };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        sio_address_block block;
        if (!sio_address_block_read(&block, sio_str_from(none[i])))
            fail_msg("\"%s\" is a block", none[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(blocks_hold_what_begins_alike),
        cmocka_unit_test(what_is_no_block_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
