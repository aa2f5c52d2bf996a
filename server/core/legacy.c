#include "core/legacy.h"

#include <sio/err.h>
#include <sio/sys/mem.h>
#include <sio/sys/text.h>

#include "core/form.h"
#include "core/namespace.h"
#include "core/socket.h"

void sio_legacy_welcome(sio_client *client)
{
    const sio_packet packet = {
        .type = SIO_PACKET_CONNECT,
        .nsp = SIO_STR("/"),
        .data = sio_value_of_map(NULL, 0),
    };
    sio_client_packet(client, &packet);
}

/* ---- the query ---- */

static int decode(sio_arena *arena, sio_str text, sio_value *out)
{
    char *decoded = sio_arena_strndup(arena, text.len ? text.data : "", text.len);
    if (!decoded)
        return SIO_ENOMEM;
    size_t len = sio_form_decode(decoded, text.len, text);
    if (!sio_utf8_valid(decoded, len)) {
        char *repaired = sio_arena_alloc(arena, sio_utf8_repair(NULL, decoded, len) + 1);
        if (!repaired)
            return SIO_ENOMEM;
        len = sio_utf8_repair(repaired, decoded, len);
        decoded = repaired;
    }
    decoded[len] = '\0';
    *out = sio_value_of_string((sio_str){ decoded, len });
    return 0;
}

static sio_str text_of(const sio_value *value)
{
    return (sio_str){ value->as.text, value->count };
}

/* The entry of that name, or the one behind the last. */
static size_t find(const sio_value *entries, size_t count, const sio_value *name)
{
    size_t i = 0;
    while (i < count && !sio_str_equal(text_of(&entries[2 * i]), text_of(name)))
        i++;
    return i;
}

static size_t count_fields(sio_str query)
{
    size_t count = 0;
    sio_str name, value;
    while (sio_form_next(&query, &name, &value))
        count++;
    return count;
}

/* Of a parameter that comes twice the last counts, as in the reference. */
static int read_query(sio_arena *arena, sio_str query, sio_value *out)
{
    const size_t most = count_fields(query);
    if (most > SIO_LIMIT_QUERY)
        return SIO_ELIMIT;
    sio_value *entries = sio_arena_alloc(arena, (2 * most + 1) * sizeof(*entries));
    if (!entries)
        return SIO_ENOMEM;
    size_t count = 0;
    sio_str name, value;
    while (sio_form_next(&query, &name, &value)) {
        sio_value key, text;
        if (decode(arena, name, &key) || decode(arena, value, &text))
            return SIO_ENOMEM;
        const size_t at = find(entries, count, &key);
        entries[2 * at] = key;
        entries[2 * at + 1] = text;
        count += at == count;
    }
    *out = sio_value_of_map(entries, count);
    return 0;
}

static sio_str cut_at(sio_str text, char end)
{
    const char *found = text.len ? memchr(text.data, end, text.len) : NULL;
    return found ? (sio_str){ text.data, (size_t)(found - text.data) } : text;
}

int sio_legacy_address(sio_arena *arena, sio_packet *packet)
{
    const sio_str address = cut_at(packet->nsp, '#');
    const sio_str path = cut_at(address, '?');
    sio_str query = { NULL, 0 };
    if (path.len < address.len)
        query = (sio_str){ path.data + path.len + 1, address.len - path.len - 1 };
    packet->nsp = path;
    return packet->type == SIO_PACKET_CONNECT ? read_query(arena, query, &packet->data) : 0;
}

/* ---- the id ---- */

int sio_legacy_identify(sio_socket *socket)
{
    const sio_str nsp = sio_namespace_str(socket->nsp), sid = sio_str_from(socket->client->sid);
    const size_t before = sio_str_equal(nsp, SIO_STR("/")) ? 0 : nsp.len + 1;
    sio_member *member = &socket->member;
    char *id = member->id;
    if (before + sid.len != SIO_ROOMS_ID_SIZE) {
        id = sio_mem_alloc(before + sid.len + 1);
        if (!id)
            return SIO_ENOMEM;
        member->other_id = id;
        member->other_len = (uint16_t)(before + sid.len);
    }
    if (before) {
        memcpy(id, nsp.data, nsp.len);
        id[nsp.len] = '#';
    }
    memcpy(id + before, sid.data, sid.len + 1);
    return 0;
}
