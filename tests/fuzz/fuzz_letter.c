/* What two processes say to each other while one takes the other's place. Input: the number of
 * descriptors that came with it, and a letter. */
#include "fuzz.h"

#include "net/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_letter *letter = malloc(sizeof(*letter));
    const size_t len = size ? size - 1 : 0;
    char *copy = malloc(len ? len : 1);
    FUZZ_CHECK(letter && copy);
    if (size)
        memcpy(copy, data + 1, len);
    if (size && sio_letter_read(letter, copy, len, data[0]) == 0) {
        if (letter->kind == SIO_LETTER_SOCKETS)
            for (size_t i = 0; i < letter->count; i++)
                FUZZ_CHECK(strlen(letter->sockets[i].path) <= SIO_LIMIT_UNIX_PATH);
        if (letter->kind == SIO_LETTER_CONNECTION)
            FUZZ_CHECK(letter->bytes + letter->len == copy + len);
        if (letter->kind == SIO_LETTER_REFUSE)
            FUZZ_CHECK(letter->text.data + letter->text.len == copy + len);
    }
    free(copy);
    free(letter);
    return 0;
}
