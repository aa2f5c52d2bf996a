/* What proxies say: a header of the PROXY protocol is the same however it is cut, an address is
 * what it is written as, and nobody is believed whom nobody trusted names. Input: how to cut, then
 * the bytes. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/buf.h>
#include <sio/sys/proxy.h>

static int feed_whole(sio_proxy_reader *reader, sio_str bytes, size_t *used)
{
    return sio_proxy_feed(reader, bytes.data, bytes.len, used);
}

static int feed_cut(sio_proxy_reader *reader, sio_str bytes, uint32_t seed, size_t *all)
{
    int got = 0;
    *all = 0;
    while (got == 0 && *all < bytes.len) {
        size_t used;
        const size_t len = fuzz_piece(&seed, bytes.len - *all);
        got = sio_proxy_feed(reader, bytes.data + *all, len, &used);
        FUZZ_CHECK(used <= len);
        *all += used;
    }
    return got;
}

static void check_header(sio_str bytes, uint32_t seed)
{
    sio_proxy_reader whole = { .len = 0 }, cut = { .len = 0 };
    size_t used_whole = 0, used_cut = 0;
    const int got = feed_whole(&whole, bytes, &used_whole);
    FUZZ_CHECK(got == feed_cut(&cut, bytes, seed, &used_cut));
    FUZZ_CHECK(used_whole == used_cut);
    FUZZ_CHECK(got == 0 || got == 1 || got == SIO_EPARSE);
    FUZZ_CHECK(whole.named == cut.named);
    FUZZ_CHECK(whole.origin.secure == cut.origin.secure);
    FUZZ_CHECK(!memcmp(&whole.origin.address, &cut.origin.address, sizeof whole.origin.address));
}

static void check_address(sio_str bytes)
{
    sio_address address, again;
    sio_address_block block;
    char text[SIO_ADDRESS_TEXT];
    if (sio_address_block_read(&block, bytes) == 0)
        FUZZ_CHECK(block.bits <= 128 && sio_address_within(&block.first, &block));
    if (sio_address_read(&address, bytes))
        return;
    sio_address_write(&address, text);
    FUZZ_CHECK(sio_address_read(&again, sio_str_from(text)) == 0);
    FUZZ_CHECK(!memcmp(&address, &again, sizeof address));
}

static void check_forwarded(sio_str bytes)
{
    const char *const entries[] = { "10.0.0.0/8", "fd00::/8", NULL };
    const char *bad;
    sio_trust trust;
    unsigned hops = 0;
    sio_origin at = { .local = true };
    FUZZ_CHECK(sio_trust_init(&trust, entries, &bad) == 0);
    FUZZ_CHECK(!sio_forwarded_walk(&trust, bytes, &at, &hops) && at.local);
    FUZZ_CHECK(sio_address_read(&at.address, SIO_STR("10.0.0.1")) == 0);
    at.local = false;
    const bool on = sio_forwarded_walk(&trust, bytes, &at, &hops);
    FUZZ_CHECK(!on || sio_trust_has(&trust, &at));
    FUZZ_CHECK(hops <= bytes.len);
    sio_trust_free(&trust);
}

/* What a trusted proxy adds to a list counts, whatever stands before it. */
static void check_added(sio_str bytes)
{
    static const char added[] = ", for=192.0.2.1;proto=http";
    const char *const entries[] = { "10.0.0.0/8", NULL };
    const char *bad;
    sio_trust trust;
    sio_origin at = { .secure = true };
    sio_buf list = { 0 };
    FUZZ_CHECK(sio_trust_init(&trust, entries, &bad) == 0);
    FUZZ_CHECK(sio_address_read(&at.address, SIO_STR("10.0.0.1")) == 0);
    sio_buf_append(&list, bytes.data, bytes.len);
    sio_buf_append(&list, added, sizeof added - 1);
    FUZZ_CHECK(!sio_forwarded_elements(&trust, (sio_str){ list.data, list.len }, &at));
    FUZZ_CHECK(!at.secure && at.address.bytes[15] == 1);
    sio_buf_free(&list);
    sio_trust_free(&trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const uint8_t seed = fuzz_byte(&input);
    const sio_str bytes = fuzz_take(&input, input.left);
    char *copy = fuzz_copy(bytes);
    const sio_str exact = { copy, bytes.len };
    check_header(exact, seed);
    check_address(exact);
    check_forwarded(exact);
    check_added(exact);
    free(copy);
    return 0;
}
