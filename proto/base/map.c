#include <sio/sys/map.h>

#include <assert.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#define CAP_MIN 8u
#define CAP_MAX (1u << 26) /* slots of 16 bytes that stay below SIO_LIMIT_LENGTH */

typedef struct sio_map_slot {
    void *object; /* NULL: free */
    uint32_t hash;
} slot;

/* ---- SipHash-1-3 (Aumasson, Bernstein), 64 bits folded to 32 ---- */

typedef struct sip {
    uint64_t a, b, c, d;
} sip;

static inline uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void sip_round(sip *s)
{
    s->a += s->b;
    s->c += s->d;
    s->b = rotate(s->b, 13) ^ s->a;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a = rotate(s->a, 32);
    s->c += s->b;
    s->a += s->d;
    s->b = rotate(s->b, 17) ^ s->c;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c = rotate(s->c, 32);
}

static inline void sip_word(sip *s, uint64_t word)
{
    s->d ^= word;
    sip_round(s);
    s->a ^= word;
}

/* As the machine has it: which bits are where is of no matter within one process. */
static inline uint64_t load(const char *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return word;
}

/* The bytes behind the last whole word, fewer than 8. */
static inline uint64_t load_rest(const char *data, size_t len)
{
    uint64_t word = 0;
    if (len & 4) {
        uint32_t part;
        memcpy(&part, data, sizeof part);
        word = part;
        data += 4;
    }
    if (len & 2) {
        uint16_t part;
        memcpy(&part, data, sizeof part);
        word = word << 16 | part;
        data += 2;
    }
    return len & 1 ? word << 8 | (uint8_t)*data : word;
}

static uint32_t hash_of(const sio_map *map, sio_str key)
{
    sip s = { map->seed[0] ^ 0x736f6d6570736575u, map->seed[1] ^ 0x646f72616e646f6du,
              map->seed[0] ^ 0x6c7967656e657261u, map->seed[1] ^ 0x7465646279746573u };
    size_t at = 0;
    for (; key.len - at >= 8; at += 8)
        sip_word(&s, load(key.data + at));
    sip_word(&s, (uint64_t)key.len << 56 | load_rest(key.data + at, key.len - at));
    s.c ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    uint64_t hash = s.a ^ s.b ^ s.c ^ s.d;
    return (uint32_t)(hash ^ hash >> 32);
}

/* ---- slots ---- */

void sio_map_init(sio_map *map, sio_map_key key, const uint64_t seed[2])
{
    *map = (sio_map){ .key = key, .seed = { seed[0], seed[1] } };
}

/* The slot of the key, or NULL. There is always a free slot, which ends the search. */
static slot *find(const sio_map *map, sio_str key)
{
    if (map->count == 0)
        return NULL;
    uint32_t hash = hash_of(map, key), mask = map->cap - 1;
    for (uint32_t at = hash & mask; map->slots[at].object; at = (at + 1) & mask) {
        slot *here = &map->slots[at];
        if (here->hash == hash && sio_str_equal(map->key(here->object), key))
            return here;
    }
    return NULL;
}

static void place(slot *slots, uint32_t cap, slot item)
{
    uint32_t at = item.hash & (cap - 1);
    while (slots[at].object)
        at = (at + 1) & (cap - 1);
    slots[at] = item;
}

static int resize(sio_map *map, uint32_t cap)
{
    slot *slots = cap <= CAP_MAX ? sio_mem_zalloc(cap * sizeof *slots) : NULL;
    if (!slots)
        return SIO_ENOMEM;
    for (uint32_t at = 0; at < map->cap; at++)
        if (map->slots[at].object)
            place(slots, cap, map->slots[at]);
    sio_mem_free(map->slots);
    map->slots = slots;
    map->cap = cap;
    return 0;
}

/* Moves back what a free slot would cut off from its place. */
static void close_gap(sio_map *map, uint32_t gap)
{
    uint32_t mask = map->cap - 1;
    for (uint32_t at = (gap + 1) & mask; map->slots[at].object; at = (at + 1) & mask) {
        uint32_t home = map->slots[at].hash & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        map->slots[gap] = map->slots[at];
        gap = at;
    }
    map->slots[gap].object = NULL;
}

void *sio_map_get(const sio_map *map, sio_str key)
{
    const slot *found = find(map, key);
    return found ? found->object : NULL;
}

int sio_map_insert(sio_map *map, void *object)
{
    assert(object && !find(map, map->key(object)));
    if (map->count >= map->cap / 4 * 3) {
        int err = resize(map, map->cap ? map->cap * 2 : CAP_MIN);
        if (err)
            return err;
    }
    place(map->slots, map->cap, (slot){ object, hash_of(map, map->key(object)) });
    map->count++;
    return 0;
}

void *sio_map_remove(sio_map *map, sio_str key)
{
    slot *found = find(map, key);
    if (!found)
        return NULL;
    void *object = found->object;
    close_gap(map, (uint32_t)(found - map->slots));
    map->count--;
    /* without memory for the smaller one the large one serves as well */
    if (map->cap > CAP_MIN && map->count < map->cap / 8)
        (void)resize(map, map->cap / 2);
    return object;
}

void *sio_map_next(const sio_map *map, size_t *at)
{
    while (*at < map->cap) {
        void *object = map->slots[(*at)++].object;
        if (object)
            return object;
    }
    return NULL;
}

void sio_map_free(sio_map *map)
{
    sio_mem_free(map->slots);
    map->slots = NULL;
    map->count = map->cap = 0;
}
