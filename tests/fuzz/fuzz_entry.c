/* Entries of a stream: what was read and belongs into a stream is written as what reads the same.
 * Input: lines of type, nsp, uid and id, and the data. */
#include "fuzz.h"

#include <sio/sys/entry.h>

static void check_id(sio_str text)
{
    sio_entry_id id, again;
    char written[SIO_ENTRY_ID_SIZE];
    if (sio_entry_id_read(&id, text))
        return;
    const size_t len = sio_entry_id_write(written, id);
    FUZZ_CHECK(sio_entry_id_read(&again, (sio_str){ written, len }) == 0);
    FUZZ_CHECK(sio_entry_id_compare(id, again) == 0);
}

/* Both written forms say the same. */
static void check_written(const sio_entry *entry, const sio_member_message *message)
{
    sio_arena arena = { 0 };
    sio_buf data = { 0 }, packed = { 0 };
    sio_member_message again;
    sio_entry_data(&data, message);
    sio_member_pack(&packed, message);
    FUZZ_CHECK(data.err == 0 && packed.err == 0);
    sio_entry written = *entry;
    written.data = (sio_str){ data.len ? data.data : NULL, data.len };
    FUZZ_CHECK(sio_entry_read(&again, &arena, &written) == 0);
    FUZZ_CHECK(again.type == message->type && again.asked.op == message->asked.op);
    FUZZ_CHECK(again.asked.rooms_count == message->asked.rooms_count);
    if (fuzz_json_is_exact(&message->asked.data))
        FUZZ_CHECK(sio_value_equal(&again.asked.data, &message->asked.data));
    FUZZ_CHECK(sio_member_read(&again, &arena, (sio_str){ packed.data, packed.len }) == 0);
    FUZZ_CHECK(again.type == message->type && sio_entry_is_kept(&again));
    sio_buf_free(&data);
    sio_buf_free(&packed);
    sio_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    sio_arena arena = { 0 };
    sio_member_message message;
    sio_entry entry = { 0 };
    entry.type = fuzz_take_until(&input, '\n');
    entry.nsp = fuzz_take_until(&input, '\n');
    entry.uid = fuzz_take_until(&input, '\n');
    check_id(fuzz_take_until(&input, '\n'));
    char *copy = fuzz_copy((sio_str){ (const char *)input.at, input.left });
    entry.data = (sio_str){ copy, input.left };
    if (sio_entry_read(&message, &arena, &entry) == 0 && sio_entry_is_kept(&message))
        check_written(&entry, &message);
    free(copy);
    sio_arena_free(&arena);
    return 0;
}
