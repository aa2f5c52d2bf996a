/* Which encoding a request takes, and what the encodings make of a text. */
#include "check.h"

#include <zlib.h>

#include "net/compressor.h"

static sio_encoding choose(const char *accept)
{
    const size_t len = strlen(accept);
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, accept, len);
    const sio_encoding chosen = sio_encoding_choose((sio_str){ copy, len });
    free(copy);
    return chosen;
}

static void chooses_as_the_reference_does(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        sio_encoding chosen;
    } cases[] = {
        { "", SIO_ENCODING_NONE },
        { "gzip", SIO_ENCODING_GZIP },
        { "GZip", SIO_ENCODING_GZIP },
        { "deflate", SIO_ENCODING_DEFLATE },
        { "gzip, deflate, br", SIO_ENCODING_GZIP },
        { "deflate, gzip", SIO_ENCODING_DEFLATE },
        { "deflate;q=0.5, gzip", SIO_ENCODING_GZIP },
        { "gzip;q=0.4,deflate;q=0.5", SIO_ENCODING_DEFLATE },
        { " gzip ; q = 0.401 ,\tdeflate;q=0.4", SIO_ENCODING_GZIP },
        { "br", SIO_ENCODING_NONE },
        { "identity", SIO_ENCODING_NONE },
        { "identity;q=1, gzip;q=0.1", SIO_ENCODING_GZIP },
        { "*", SIO_ENCODING_GZIP },
        { "*;q=0.5, deflate;q=0.5", SIO_ENCODING_DEFLATE },
        { "*, gzip;q=0.5", SIO_ENCODING_DEFLATE },
        { "gzip;q=0.5, *", SIO_ENCODING_DEFLATE },
        { "*, gzip;q=0", SIO_ENCODING_DEFLATE },
        { "gzip;q=0", SIO_ENCODING_NONE },
        { "gzip;q=0.000", SIO_ENCODING_NONE },
        { "gzip;q=0.001", SIO_ENCODING_GZIP },
        { "gzip;q=", SIO_ENCODING_NONE },
        { "gzip;q=x", SIO_ENCODING_NONE },
        { "gzip;x=0", SIO_ENCODING_GZIP },
        { "gzip;q=0, gzip;q=1", SIO_ENCODING_GZIP },
        { "x-gzip", SIO_ENCODING_NONE },
        { ",,;,;q=1,gzip", SIO_ENCODING_GZIP },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (choose(cases[i].accept) != cases[i].chosen)
            fail_msg("\"%s\": %d", cases[i].accept, (int)choose(cases[i].accept));
    }
    assert_int_equal(sio_encoding_choose((sio_str){ NULL, 0 }), SIO_ENCODING_NONE);
}

static void truncations_are_safe(void **state)
{
    (void)state;
    static const char accept[] = "gzip;q=0.5 , *;q=1.0;x, deflate ;q=0.25,identity;q=0";
    char text[sizeof(accept)];
    for (size_t len = 0; len < sizeof(accept); len++) {
        memcpy(text, accept, len);
        text[len] = '\0';
        assert_in_range(choose(text), SIO_ENCODING_NONE, SIO_ENCODING_DEFLATE);
    }
}

static void expect_text(const sio_blob *blob, sio_encoding encoding, sio_str text)
{
    z_stream stream = { 0 };
    char *out = malloc(text.len + 1);
    assert_non_null(out);
    assert_int_equal(inflateInit2(&stream, encoding == SIO_ENCODING_GZIP ? 31 : 15), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)blob->data;
    stream.avail_in = (uInt)blob->len;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)text.len + 1;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, text.len);
    assert_int_equal(stream.avail_in, 0);
    assert_memory_equal(out, text.data, text.len);
    inflateEnd(&stream);
    free(out);
}

static void compresses_again_and_again(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    sio_compressor *compressor = sio_compressor_new();
    char *text = malloc(SIZE);
    assert_true(compressor && text);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = (char)('a' + i * i % 7 + i / 1000 % 19);
    static const size_t lengths[] = { 0, 1, 1024, 70000, SIZE };
    for (size_t i = 0; i < 2 * sizeof(lengths) / sizeof(lengths[0]); i++) {
        const sio_str part = { text, lengths[i / 2] };
        for (int encoding = SIO_ENCODING_GZIP; encoding < SIO_ENCODING_COUNT; encoding++) {
            sio_blob *blob = sio_compressor_run(compressor, (sio_encoding)encoding, part);
            assert_non_null(blob);
            expect_text(blob, (sio_encoding)encoding, part);
            sio_blob_unref(blob);
            blob = sio_compressor_run_once((sio_encoding)encoding, part);
            assert_non_null(blob);
            expect_text(blob, (sio_encoding)encoding, part);
            sio_blob_unref(blob);
        }
    }
    sio_compressor_free(compressor);
    sio_compressor_free(NULL);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_as_the_reference_does),
        cmocka_unit_test(truncations_are_safe),
        cmocka_unit_test(compresses_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
