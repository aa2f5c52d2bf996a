#include "memory/journal.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

typedef struct sio_journal_entry {
    uint64_t at;
    size_t size; /* of the whole block */
    sio_str nsp;
    const sio_str *rooms;
    size_t rooms_count;
    const sio_str *except;
    size_t except_count;
    sio_str data; /* MessagePack */
    sio_str names[];
} sio_journal_entry;

/* ---- offsets: the epoch, a dot, the number in base 36 ---- */

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static void write_offset(const sio_journal *journal, uint64_t number, char offset[SIO_OFFSET_SIZE])
{
    char reversed[16];
    size_t len = 0;
    for (; number > 0; number /= 36)
        reversed[len++] = digits[number % 36];
    size_t at = (size_t)snprintf(offset, SIO_OFFSET_SIZE, "%s.", journal->epoch);
    while (len > 0)
        offset[at++] = reversed[--len];
    offset[at] = '\0';
}

/* 0: it is none of this journal's. What is written differently is none either. */
static uint64_t read_offset(const sio_journal *journal, sio_str offset)
{
    char again[SIO_OFFSET_SIZE];
    const size_t before = sizeof(journal->epoch);
    uint64_t number = 0;
    if (offset.len <= before || offset.len > before + 12)
        return 0;
    for (size_t i = before; i < offset.len; i++) {
        const char *digit = offset.data[i] ? strchr(digits, offset.data[i]) : NULL;
        if (!digit)
            return 0;
        number = number * 36 + (uint64_t)(digit - digits);
    }
    write_offset(journal, number, again);
    return sio_str_equal(sio_str_from(again), offset) && number < journal->next ? number : 0;
}

/* ---- life ---- */

void sio_journal_init(sio_journal *journal, uint64_t epoch)
{
    *journal = (sio_journal){ .next = 1, .gap = 1 };
    for (size_t i = 0; i + 1 < sizeof(journal->epoch); i++, epoch /= 36)
        journal->epoch[i] = digits[epoch % 36];
}

static sio_journal_entry **slot(const sio_journal *journal, size_t index)
{
    return &journal->ring[(journal->head + index) & (journal->cap - 1)];
}

static void drop_all(sio_journal *journal)
{
    while (journal->count > 0)
        sio_journal_drop(journal, true);
}

void sio_journal_free(sio_journal *journal)
{
    drop_all(journal);
    sio_mem_free(journal->ring);
    sio_buf_free(&journal->scratch);
}

/* ---- entries ---- */

static int make_room(sio_journal *journal)
{
    if (journal->count < journal->cap)
        return 0;
    const size_t cap = journal->cap ? journal->cap * 2 : 64;
    sio_journal_entry **ring = sio_mem_alloc(cap * sizeof(*ring));
    if (!ring)
        return SIO_ENOMEM;
    for (size_t i = 0; i < journal->count; i++)
        ring[i] = *slot(journal, i);
    sio_mem_free(journal->ring);
    journal->ring = ring;
    journal->head = 0;
    journal->cap = cap;
    return 0;
}

static sio_str copy(char **at, sio_str text)
{
    const sio_str copied = { *at, text.len };
    if (text.len)
        memcpy(*at, text.data, text.len);
    *at += text.len;
    return copied;
}

static size_t names_size(const sio_str *names, size_t count)
{
    size_t size = count * sizeof(*names);
    for (size_t i = 0; i < count; i++)
        size += names[i].len;
    return size;
}

static sio_journal_entry *entry_new(const sio_cluster_message *message, sio_str data,
                                    size_t max_bytes, int *err)
{
    const size_t size = sizeof(sio_journal_entry) + message->nsp.len + data.len +
                        names_size(message->rooms, message->rooms_count) +
                        names_size(message->except, message->except_count);
    *err = SIO_ELIMIT;
    if (size > max_bytes)
        return NULL;
    *err = SIO_ENOMEM;
    sio_journal_entry *entry = sio_mem_alloc(size);
    if (!entry)
        return NULL;
    sio_str *names = entry->names;
    char *at = (char *)(names + message->rooms_count + message->except_count);
    *entry = (sio_journal_entry){ .size = size,
                                  .rooms = names,
                                  .rooms_count = message->rooms_count,
                                  .except = names + message->rooms_count,
                                  .except_count = message->except_count };
    for (size_t i = 0; i < message->rooms_count; i++)
        *names++ = copy(&at, message->rooms[i]);
    for (size_t i = 0; i < message->except_count; i++)
        *names++ = copy(&at, message->except[i]);
    entry->nsp = copy(&at, message->nsp);
    entry->data = copy(&at, data);
    return entry;
}

static int add(sio_journal *journal, const sio_cluster_message *message, uint64_t now,
               size_t max_bytes)
{
    sio_buf *scratch = &journal->scratch;
    sio_buf_clear(scratch);
    sio_msgpack_write(scratch, &message->data);
    int err = scratch->err;
    if (err || (err = make_room(journal)))
        return err;
    sio_journal_entry *entry =
        entry_new(message, (sio_str){ scratch->data, scratch->len }, max_bytes, &err);
    if (!entry)
        return err;
    entry->at = now;
    *slot(journal, journal->count++) = entry;
    journal->bytes += entry->size;
    return 0;
}

int sio_journal_add(sio_journal *journal, const sio_cluster_message *message, uint64_t now,
                    size_t max_bytes, char offset[SIO_OFFSET_SIZE])
{
    const int err = add(journal, message, now, max_bytes);
    const uint64_t number = journal->next++;
    if (err) {
        drop_all(journal);
        journal->gap = journal->next;
    } else {
        write_offset(journal, number, offset);
    }
    if (journal->scratch.cap > SIO_LIMIT_WRITE)
        sio_buf_free(&journal->scratch);
    return err;
}

uint64_t sio_journal_oldest(const sio_journal *journal)
{
    return journal->count ? (*slot(journal, 0))->at : UINT64_MAX;
}

static uint64_t first_number(const sio_journal *journal)
{
    return journal->next - journal->count;
}

void sio_journal_drop(sio_journal *journal, bool early)
{
    sio_journal_entry *entry = *slot(journal, 0);
    if (early)
        journal->gap = first_number(journal) + 1;
    journal->head = (journal->head + 1) & (journal->cap - 1);
    journal->count--;
    journal->bytes -= entry->size;
    sio_mem_free(entry);
}

/* ---- reading ---- */

static bool is_among(sio_str name, const sio_str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sio_str_equal(name, names[i]))
            return true;
    return false;
}

static bool is_for(const sio_journal_entry *entry, const sio_session *session)
{
    bool included = entry->rooms_count == 0;
    if (!sio_str_equal(entry->nsp, session->nsp))
        return false;
    for (size_t i = 0; i < session->rooms_count; i++) {
        if (is_among(session->rooms[i], entry->except, entry->except_count))
            return false;
        if (!included)
            included = is_among(session->rooms[i], entry->rooms, entry->rooms_count);
    }
    return included;
}

/* [event, …arguments] with the offset behind. */
static int revive(const sio_journal *journal, sio_arena *arena, size_t index, sio_value *out)
{
    const sio_journal_entry *entry = *slot(journal, index);
    char text[SIO_OFFSET_SIZE];
    sio_value data;
    const int err = sio_msgpack_read(arena, &data, entry->data.data, entry->data.len, NULL);
    if (err)
        return err;
    write_offset(journal, first_number(journal) + index, text);
    const size_t len = strlen(text);
    const char *kept = sio_arena_strndup(arena, text, len);
    sio_value *items = sio_arena_alloc(arena, (data.count + 1) * sizeof(*items));
    if (!kept || !items)
        return SIO_ENOMEM;
    if (data.count)
        memcpy(items, data.as.items, data.count * sizeof(*items));
    items[data.count] = sio_value_of_string((sio_str){ kept, len });
    *out = sio_value_of_array(items, data.count + 1);
    return 0;
}

static size_t count_from(const sio_journal *journal, size_t from, const sio_session *session)
{
    size_t count = 0;
    for (size_t i = from; i < journal->count; i++)
        count += is_for(*slot(journal, i), session);
    return count;
}

int sio_journal_read(const sio_journal *journal, sio_arena *arena, sio_str offset,
                     const sio_session *session, const sio_value **out, size_t *out_count)
{
    const uint64_t number = read_offset(journal, offset), first = first_number(journal);
    if (number == 0 || number + 1 < journal->gap)
        return SIO_ENOTFOUND;
    const size_t from = number + 1 > first ? (size_t)(number + 1 - first) : 0;
    const size_t most = count_from(journal, from, session);
    sio_value *values = sio_arena_alloc(arena, (most + 1) * sizeof(*values));
    size_t count = 0;
    if (!values)
        return SIO_ENOMEM;
    for (size_t i = from; i < journal->count; i++) {
        if (!is_for(*slot(journal, i), session))
            continue;
        const int err = revive(journal, arena, i, &values[count++]);
        if (err)
            return err;
    }
    *out = values;
    *out_count = count;
    return 0;
}
