#include "check.h"

#include <sio/sys/text.h>

/* RFC 4648, section 10, and bytes that need the last two characters. */
static const struct {
    const char *text;
    const char *bytes;
} vectors[] = {
    { "", "" },
    { "Zg==", "f" },
    { "Zm8=", "fo" },
    { "Zm9v", "foo" },
    { "Zm9vYg==", "foob" },
    { "Zm9vYmE=", "fooba" },
    { "Zm9vYmFy", "foobar" },
    { "+/+/", "\xfb\xff\xbf" },
};

/* What Node.js 20 makes of text that is not quite base64. */
static const struct {
    const char *text;
    const char *bytes;
} odd[] = {
    { "-_-_", "\xfb\xff\xbf" }, { "Zm8", "fo" },       { "Z m\n9=v", "fo" },
    { "Zg==Zg==", "f" },        { "Z", "" },           { "Z=g", "" },
    { "Zm9vYg", "foob" },       { "Zm9\x80v", "foo" }, { "!?", "" },
    { "Zm9v=Zm9v", "foo" },
};

static void encodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        size_t len = strlen(vectors[i].bytes), size = sio_base64_encoded_size(len);
        char *text = malloc(size + 1);
        text[size] = '\0';
        sio_base64_encode(text, vectors[i].bytes, len);
        assert_int_equal(size, strlen(vectors[i].text));
        assert_string_equal(text, vectors[i].text);
        free(text);
    }
}

/* In copies of exact size, for the sanitizer; once into other memory, once in place. */
static void check_decode(const char *text, const char *bytes)
{
    size_t len = strlen(text), want = strlen(bytes);
    char *copy = malloc(len + !len), *out = malloc(sio_base64_decoded_size(len) + 1);
    memcpy(copy, text, len);
    assert_true(sio_base64_decoded_size(len) >= want);
    assert_int_equal(sio_base64_decode(out, copy, len), want);
    assert_memory_equal(out, bytes, want);
    assert_int_equal(sio_base64_decode(copy, copy, len), want);
    assert_memory_equal(copy, bytes, want);
    free(copy);
    free(out);
}

static void decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        check_decode(vectors[i].text, vectors[i].bytes);
}

static void decodes_odd_text_as_node_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        check_decode(odd[i].text, odd[i].bytes);
}

static void every_length_comes_back(void **state)
{
    (void)state;
    for (size_t len = 0; len < 300; len++) {
        unsigned char bytes[300], back[300];
        char text[400];
        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)(i * 167 + len);
        size_t size = sio_base64_encoded_size(len);
        sio_base64_encode(text, bytes, len);
        assert_in_range(sio_base64_decoded_size(size), len, len + 2);
        assert_int_equal(sio_base64_decode(back, text, size), len);
        assert_memory_equal(back, bytes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes),
        cmocka_unit_test(decodes),
        cmocka_unit_test(decodes_odd_text_as_node_does),
        cmocka_unit_test(every_length_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
