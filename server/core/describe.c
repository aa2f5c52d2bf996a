#include "core/describe.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

#include "core/extras.h"

/* ---- parts of maps ---- */

/* A map that is filled entry by entry; there is room for all of them. */
typedef struct entries {
    sio_value *items;
    size_t count;
} entries;

static int entries_new(sio_arena *arena, entries *out, size_t most)
{
    *out = (entries){ .items = sio_arena_alloc(arena, (2 * most + 1) * sizeof(*out->items)) };
    return out->items ? 0 : SIO_ENOMEM;
}

static void put(entries *map, sio_str key, sio_value value)
{
    map->items[2 * map->count] = sio_value_of_string(key);
    map->items[2 * map->count + 1] = value;
    map->count++;
}

static sio_value map_of(const entries *map)
{
    return sio_value_of_map(map->items, map->count);
}

/* What a peer has sent as a text may be none. */
static int text_of(sio_arena *arena, const char *text, sio_value *out)
{
    const size_t len = strlen(text);
    if (sio_utf8_valid(text, len)) {
        *out = sio_value_of_string((sio_str){ text, len });
        return 0;
    }
    const size_t size = sio_utf8_repair(NULL, text, len);
    char *repaired = sio_arena_alloc(arena, size + 1);
    if (!repaired)
        return SIO_ENOMEM;
    sio_utf8_repair(repaired, text, len);
    repaired[size] = '\0';
    *out = sio_value_of_string((sio_str){ repaired, size });
    return 0;
}

/* ---- headers and query ---- */

typedef bool (*next_pair)(const sio_handshake *handshake, size_t *at, const char **name,
                          const char **value);

static size_t count_pairs(const sio_handshake *handshake, next_pair next)
{
    size_t at = 0, count = 0;
    const char *name, *value;
    while (count < SIO_LIMIT_QUERY && next(handshake, &at, &name, &value))
        count++;
    return count;
}

/* The place of the value under that name, a new one if there is none. */
static sio_value *place_of(entries *map, const sio_value *name)
{
    for (size_t i = 0; i < map->count; i++)
        if (sio_value_equal(&map->items[2 * i], name))
            return &map->items[2 * i + 1];
    map->items[2 * map->count] = *name;
    return &map->items[2 * map->count++ + 1];
}

static int pairs_of(sio_arena *arena, const sio_handshake *handshake, next_pair next,
                    sio_value *out)
{
    const size_t most = count_pairs(handshake, next);
    entries map;
    int err = entries_new(arena, &map, most);
    size_t at = 0;
    for (size_t i = 0; !err && i < most; i++) {
        const char *name, *value;
        sio_value key;
        (void)next(handshake, &at, &name, &value);
        err = text_of(arena, name, &key);
        if (!err)
            err = text_of(arena, value, place_of(&map, &key));
    }
    if (!err)
        *out = map_of(&map);
    return err;
}

/* ---- time ---- */

/* Milliseconds since 1970, which was a Thursday. */
static void write_time(int64_t ms, char out[SIO_TIME_SIZE])
{
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    const int64_t seconds = ms / 1000, since = seconds / 86400;
    const int of_day = (int)(seconds % 86400);
    int year, month, day;
    sio_date_civil(since, &year, &month, &day);
    snprintf(out, SIO_TIME_SIZE,
             "%s %s %02d %04d %02d:%02d:%02d GMT+0000 (Coordinated Universal Time)",
             days[(since + 4) % 7], months[month - 1], day, year, of_day / 3600, of_day / 60 % 60,
             of_day % 60);
}

void sio_socket_time(const sio_socket *socket, char out[SIO_TIME_SIZE])
{
    write_time(sio_handshake_issued(socket->handshake), out);
}

/* ---- the whole ---- */

static int time_of(sio_arena *arena, const sio_socket *socket, sio_value *out)
{
    char text[SIO_TIME_SIZE];
    sio_socket_time(socket, text);
    const char *copy = sio_arena_strndup(arena, text, strlen(text));
    if (!copy)
        return SIO_ENOMEM;
    *out = sio_value_of_string(sio_str_from(copy));
    return 0;
}

static sio_value or_empty(const sio_value *value)
{
    return sio_value_type(value) == SIO_TYPE_UNDEFINED ? sio_value_of_map(NULL, 0) : *value;
}

static sio_value boolean(bool is)
{
    return (sio_value){ .type = SIO_TYPE_BOOL, .as.boolean = is };
}

static int handshake_of(sio_arena *arena, const sio_socket *socket, sio_value *out)
{
    const sio_handshake *handshake = socket->handshake;
    sio_value headers, time, address, url, query;
    entries map;
    int err = pairs_of(arena, handshake, sio_handshake_header_next, &headers);
    if (!err)
        err = pairs_of(arena, handshake, sio_handshake_query_next, &query);
    if (!err)
        err = time_of(arena, socket, &time);
    if (!err)
        err = text_of(arena, sio_handshake_address(handshake), &address);
    if (!err)
        err = text_of(arena, sio_handshake_url(handshake), &url);
    if (err || (err = entries_new(arena, &map, 9)))
        return err;
    put(&map, SIO_STR("headers"), headers);
    put(&map, SIO_STR("time"), time);
    put(&map, SIO_STR("address"), address);
    put(&map, SIO_STR("xdomain"), boolean(sio_socket_xdomain(socket)));
    put(&map, SIO_STR("secure"), boolean(sio_socket_secure(socket)));
    put(&map, SIO_STR("issued"), sio_value_of_int(sio_handshake_issued(handshake)));
    put(&map, SIO_STR("url"), url);
    put(&map, SIO_STR("query"), query);
    put(&map, SIO_STR("auth"), or_empty(socket->auth));
    *out = map_of(&map);
    return 0;
}

static int rooms_of(sio_arena *arena, const sio_member *member, sio_value *out)
{
    const size_t count = sio_rooms_of_count(member);
    sio_value *names = sio_arena_alloc(arena, (count + 1) * sizeof(*names));
    if (!names)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++)
        names[i] = sio_value_of_string(sio_rooms_of(member, i));
    *out = sio_value_of_array(names, count);
    return 0;
}

int sio_socket_describe(sio_arena *arena, const sio_socket *socket, sio_value *out)
{
    sio_value handshake, rooms;
    entries map;
    int err = handshake_of(arena, socket, &handshake);
    if (!err)
        err = rooms_of(arena, &socket->member, &rooms);
    if (err || (err = entries_new(arena, &map, 4)))
        return err;
    put(&map, SIO_STR("id"), sio_value_of_string(sio_member_id(&socket->member)));
    put(&map, SIO_STR("handshake"), handshake);
    put(&map, SIO_STR("rooms"), rooms);
    put(&map, SIO_STR("data"), or_empty(sio_extras_data(socket)));
    *out = map_of(&map);
    return 0;
}

int sio_socket_handshake(const sio_socket *socket, sio_value **out)
{
    sio_arena arena = { 0 };
    sio_value handshake;
    int err = handshake_of(&arena, socket, &handshake);
    if (!err)
        err = sio_value_copy(out, &handshake);
    sio_arena_free(&arena);
    return err;
}
