/* The room index, by hand and against a naive model. */
#include <stdio.h>
#include <time.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/rooms.h>

#include "check.h"
#include "memory/room.h"

static const uint64_t seed[2] = { 1, 2 };

static sio_member make(unsigned number)
{
    sio_member member = { 0 };
    snprintf(member.id, sizeof member.id, "member-%013u", number % 1000000);
    return member;
}

static sio_str id_of(const sio_member *member)
{
    return (sio_str){ member->id, SIO_ROOMS_ID_SIZE };
}

#define MEMBERS 12
#define NAMES   8

struct seen {
    unsigned times[MEMBERS];
    const sio_member *first;
};

static void count(sio_member *member, void *data)
{
    struct seen *seen = data;
    seen->times[member - seen->first]++;
}

static void *fixture_members(sio_rooms **rooms, unsigned number)
{
    sio_member *members = calloc(MEMBERS, sizeof *members);
    assert_int_equal(sio_rooms_new(rooms, seed), 0);
    for (unsigned i = 0; i < number; i++) {
        members[i] = make(i);
        assert_int_equal(sio_rooms_add(*rooms, &members[i]), 0);
    }
    return members;
}

static void done(sio_rooms *rooms, sio_member *members)
{
    for (unsigned i = 0; i < MEMBERS; i++)
        sio_rooms_remove(rooms, &members[i]);
    assert_int_equal(sio_rooms_members(rooms), 0);
    sio_rooms_free(rooms);
    free(members);
}

static void own_id_is_a_room(void **state)
{
    (void)state;
    sio_rooms *rooms;
    sio_member *m = fixture_members(&rooms, 2);
    assert_true(sio_rooms_has(rooms, id_of(&m[0])));
    assert_int_equal(sio_rooms_size(rooms, id_of(&m[0])), 1);
    assert_true(sio_rooms_is_in(rooms, &m[0], id_of(&m[0])));
    assert_false(sio_rooms_is_in(rooms, &m[1], id_of(&m[0])));
    assert_int_equal(sio_rooms_of_count(&m[0]), 1);
    assert_true(sio_str_equal(sio_rooms_of(&m[0], 0), id_of(&m[0])));
    sio_rooms_leave(rooms, &m[0], id_of(&m[0]));
    assert_false(sio_rooms_has(rooms, id_of(&m[0])));
    assert_int_equal(sio_rooms_of_count(&m[0]), 0);
    assert_ptr_equal(sio_rooms_member(rooms, id_of(&m[0])), &m[0]);
    assert_int_equal(sio_rooms_join(rooms, &m[0], id_of(&m[0])), 0);
    assert_true(sio_rooms_has(rooms, id_of(&m[0])));
    done(rooms, m);
}

static void id_is_taken_once(void **state)
{
    (void)state;
    sio_rooms *rooms;
    sio_member *m = fixture_members(&rooms, 1);
    sio_member same = make(0);
    assert_int_equal(sio_rooms_add(rooms, &same), SIO_EEXISTS);
    sio_rooms_remove(rooms, &same);
    assert_int_equal(sio_rooms_members(rooms), 1);
    assert_null(sio_rooms_member(rooms, SIO_STR("nobody")));
    done(rooms, m);
}

/* Of any length: such ids are names too, and their members are found by them. */
static void other_ids(void **state)
{
    (void)state;
    sio_rooms *rooms;
    sio_member *m = fixture_members(&rooms, 2);
    sio_member other = { .other_id = "/chat#member", .other_len = 12 };
    sio_member same = other;
    const sio_str id = SIO_STR("/chat#member");
    assert_null(sio_rooms_member(rooms, id));
    assert_int_equal(sio_rooms_join(rooms, &m[0], id), 0);
    assert_int_equal(sio_rooms_add(rooms, &other), 0);
    assert_int_equal(sio_rooms_add(rooms, &same), SIO_EEXISTS);
    assert_true(sio_str_equal(sio_member_id(&other), id));
    assert_ptr_equal(sio_rooms_member(rooms, id), &other);
    assert_int_equal(sio_rooms_size(rooms, id), 2);
    assert_true(sio_rooms_is_in(rooms, &other, id));
    assert_true(sio_str_equal(sio_rooms_of(&other, 0), id));
    sio_rooms_leave(rooms, &other, id);
    assert_false(sio_rooms_is_in(rooms, &other, id));
    assert_int_equal(sio_rooms_join(rooms, &other, id), 0);
    assert_int_equal(other.count, 0);
    assert_ptr_equal(sio_rooms_member(rooms, id_of(&m[1])), &m[1]);
    sio_rooms_remove(rooms, &other);
    assert_int_equal(rooms->other_ids, 0);
    assert_null(sio_rooms_member(rooms, id));
    assert_int_equal(sio_rooms_size(rooms, id), 1);
    done(rooms, m);
}

static void names_have_a_limit(void **state)
{
    (void)state;
    sio_rooms *rooms;
    sio_member *m = fixture_members(&rooms, 1);
    char *name = malloc(SIO_LIMIT_NAME + 1);
    memset(name, 'x', SIO_LIMIT_NAME + 1);
    assert_int_equal(sio_rooms_join(rooms, m, (sio_str){ name, SIO_LIMIT_NAME + 1 }), SIO_ELIMIT);
    assert_int_equal(sio_rooms_of_count(m), 1);
    assert_int_equal(sio_rooms_join(rooms, m, (sio_str){ name, SIO_LIMIT_NAME }), 0);
    assert_int_equal(sio_rooms_of_count(m), 2);
    assert_int_equal(sio_rooms_join(rooms, m, SIO_STR("")), 0);
    assert_true(sio_rooms_is_in(rooms, m, SIO_STR("")));
    free(name);
    done(rooms, m);
}

static void sender_is_left_out(void **state)
{
    (void)state;
    sio_rooms *rooms;
    sio_member *m = fixture_members(&rooms, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(sio_rooms_join(rooms, &m[i], SIO_STR("a")), 0);
    const sio_str names[] = { SIO_STR("a"), SIO_STR("b") };
    for (size_t number = 0; number <= 2; number++) {
        struct seen seen = { .first = m };
        const sio_selection selection = { names, number, NULL, 0, &m[1] };
        sio_rooms_select(rooms, &selection, count, &seen);
        assert_int_equal(seen.times[0], 1);
        assert_int_equal(seen.times[1], 0);
        assert_int_equal(seen.times[2], 1);
    }
    done(rooms, m);
}

static void stamps_survive_their_wrap(void **state)
{
    (void)state;
    sio_rooms *rooms;
    sio_member *m = fixture_members(&rooms, 2);
    rooms->stamp = UINT32_MAX;
    m[0].stamp = 1; /* of long ago */
    const sio_str names[] = { id_of(&m[0]), id_of(&m[1]) };
    const sio_selection selection = { names, 2, NULL, 0, NULL };
    struct seen seen = { .first = m };
    sio_rooms_select(rooms, &selection, count, &seen);
    assert_int_equal(seen.times[0], 1);
    assert_int_equal(seen.times[1], 1);
    done(rooms, m);
}

/* ---- what a watcher hears ---- */

static void note(const sio_member *member, sio_str room, bool joined, bool edge, void *data)
{
    char *text = data;
    const size_t len = strlen(text);
    snprintf(text + len, 400 - len, "%s%s%.*s %c; ", joined ? "+" : "-", edge ? "!" : "",
             (int)room.len, room.data, sio_member_id(member).data[SIO_ROOMS_ID_SIZE - 1]);
}

static void expect_heard(char *heard, const char *text)
{
    assert_string_equal(heard, text);
    *heard = '\0';
}

#define OWN0 "member-0000000000000"
#define OWN1 "member-0000000000001"

static void a_watcher_hears_of_each_change(void **state)
{
    (void)state;
    char heard[400] = "";
    sio_rooms *rooms;
    sio_member *m = fixture_members(&rooms, 0);
    sio_rooms_watch(rooms, note, heard);
    for (unsigned i = 0; i < 2; i++) {
        m[i] = make(i);
        assert_int_equal(sio_rooms_add(rooms, &m[i]), 0);
    }
    assert_int_equal(sio_rooms_add(rooms, &m[1]), SIO_EEXISTS);
    expect_heard(heard, "+!" OWN0 " 0; +!" OWN1 " 1; ");
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(sio_rooms_join(rooms, &m[i / 2], SIO_STR("a")), 0);
    expect_heard(heard, "+!a 0; +a 1; ");
    assert_int_equal(sio_rooms_join(rooms, &m[0], id_of(&m[0])), 0);
    assert_int_equal(sio_rooms_join(rooms, &m[0], id_of(&m[1])), 0);
    sio_rooms_leave(rooms, &m[1], id_of(&m[1]));
    sio_rooms_leave(rooms, &m[1], id_of(&m[1]));
    sio_rooms_leave(rooms, &m[1], SIO_STR("nowhere"));
    expect_heard(heard, "+" OWN1 " 0; -" OWN1 " 1; ");
    sio_rooms_leave(rooms, &m[0], id_of(&m[1]));
    assert_int_equal(sio_rooms_join(rooms, &m[1], id_of(&m[1])), 0);
    expect_heard(heard, "-!" OWN1 " 0; +!" OWN1 " 1; ");
    sio_rooms_remove(rooms, &m[0]);
    sio_rooms_remove(rooms, &m[0]);
    expect_heard(heard, "-!" OWN0 " 0; -a 0; ");
    sio_rooms_watch(rooms, NULL, NULL);
    sio_rooms_remove(rooms, &m[1]);
    expect_heard(heard, "");
    done(rooms, m);
}

/* ---- against a model: a table of who is where ---- */

struct model {
    sio_rooms *rooms;
    sio_member *members;
    bool added[MEMBERS];
    bool in[MEMBERS][NAMES];
    sio_str names[NAMES]; /* the last four are ids of members */
    uint64_t random;
};

static unsigned pick(struct model *model, unsigned below)
{
    model->random = model->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(model->random >> 33) % below;
}

static void act(struct model *m)
{
    unsigned who = pick(m, MEMBERS), where = pick(m, NAMES);
    sio_member *member = &m->members[who];
    if (!m->added[who]) {
        assert_int_equal(sio_rooms_add(m->rooms, member), 0);
        m->added[who] = true;
        for (unsigned n = 0; n < NAMES; n++)
            m->in[who][n] = sio_str_equal(m->names[n], id_of(member));
    } else if (pick(m, 10) == 0) {
        sio_rooms_remove(m->rooms, member);
        m->added[who] = false;
        memset(m->in[who], 0, sizeof m->in[who]);
    } else if (pick(m, 5) < 3) {
        assert_int_equal(sio_rooms_join(m->rooms, member, m->names[where]), 0);
        m->in[who][where] = true;
    } else {
        sio_rooms_leave(m->rooms, member, m->names[where]);
        m->in[who][where] = false;
    }
}

static void compare_rooms(const struct model *m)
{
    size_t listed = 0, expected = 0, walked = 0;
    for (unsigned n = 0; n < NAMES; n++) {
        size_t size = 0;
        for (unsigned i = 0; i < MEMBERS; i++) {
            size += m->in[i][n];
            assert_int_equal(sio_rooms_is_in(m->rooms, &m->members[i], m->names[n]), m->in[i][n]);
        }
        assert_int_equal(sio_rooms_size(m->rooms, m->names[n]), size);
        assert_int_equal(sio_rooms_has(m->rooms, m->names[n]), size > 0);
        expected += size > 0;
    }
    sio_rooms_walk walk = { 0 };
    for (sio_str name; (name = sio_rooms_next(m->rooms, &walk)).data; walked++) {
        assert_true(sio_rooms_has(m->rooms, name));
        for (unsigned n = 0; n < NAMES; n++)
            listed += sio_str_equal(name, m->names[n]);
    }
    assert_int_equal(listed, expected);
    for (unsigned i = 4; i < MEMBERS; i++)
        expected += m->added[i];
    assert_int_equal(walked, expected);
}

static void compare_memberships(const struct model *m)
{
    for (unsigned i = 0; i < MEMBERS; i++) {
        size_t size = i >= 4 && m->added[i];
        for (unsigned n = 0; n < NAMES; n++)
            size += m->in[i][n];
        assert_int_equal(sio_rooms_of_count(&m->members[i]), size);
        for (size_t k = 0; k < size; k++) {
            sio_str name = sio_rooms_of(&m->members[i], k);
            assert_true(sio_rooms_is_in(m->rooms, &m->members[i], name));
            for (size_t l = 0; l < k; l++)
                assert_false(sio_str_equal(name, sio_rooms_of(&m->members[i], l)));
        }
    }
}

static bool in_any(const struct model *m, unsigned who, const unsigned *names, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (m->in[who][names[i]])
            return true;
    return false;
}

static void compare_selection(struct model *m)
{
    unsigned rooms[3], except[3];
    sio_str room_names[3], except_names[3];
    size_t rooms_count = pick(m, 4), except_count = pick(m, 4);
    for (unsigned i = 0; i < 3; i++) {
        room_names[i] = m->names[rooms[i] = pick(m, NAMES)];
        except_names[i] = m->names[except[i] = pick(m, NAMES)];
    }
    unsigned sender = pick(m, MEMBERS * 2);
    const sio_selection selection = { room_names, rooms_count, except_names, except_count,
                                      sender < MEMBERS ? &m->members[sender] : NULL };
    struct seen seen = { .first = m->members };
    sio_rooms_select(m->rooms, &selection, count, &seen);
    for (unsigned i = 0; i < MEMBERS; i++) {
        bool wanted = m->added[i] && i != sender && !in_any(m, i, except, except_count) &&
                      (rooms_count == 0 || in_any(m, i, rooms, rooms_count));
        assert_int_equal(seen.times[i], wanted);
    }
}

static void random_operations_agree_with_a_model(void **state)
{
    (void)state;
    static const char *const plain[] = { "a", "b", "a longer name of a room", "\xc3\xa9" };
    struct model m = { .random = (uint64_t)time(NULL) };
    const char *fixed = getenv("SIO_SEED");
    if (fixed)
        m.random = strtoull(fixed, NULL, 10);
    print_message("SIO_SEED=%llu\n", (unsigned long long)m.random);
    assert_int_equal(sio_rooms_new(&m.rooms, seed), 0);
    m.members = calloc(MEMBERS, sizeof *m.members);
    for (unsigned i = 0; i < MEMBERS; i++)
        m.members[i] = make(i);
    for (unsigned n = 0; n < NAMES; n++)
        m.names[n] = n < 4 ? sio_str_from(plain[n]) : id_of(&m.members[n - 4]);
    for (unsigned turn = 0; turn < 20000; turn++) {
        act(&m);
        compare_selection(&m);
        if (turn % 4 == 0) {
            compare_rooms(&m);
            compare_memberships(&m);
        }
    }
    done(m.rooms, m.members);
}

/* Many members and rooms: arrays grow and shrink. */
static void arrays_grow_and_shrink(void **state)
{
    (void)state;
    enum { MANY = 500 };
    sio_rooms *rooms;
    sio_member *m = calloc(MANY, sizeof *m);
    assert_int_equal(sio_rooms_new(&rooms, seed), 0);
    for (unsigned i = 0; i < MANY; i++) {
        m[i] = make(i);
        assert_int_equal(sio_rooms_add(rooms, &m[i]), 0);
        assert_int_equal(sio_rooms_join(rooms, &m[i], SIO_STR("all")), 0);
        assert_int_equal(sio_rooms_join(rooms, &m[0], id_of(&m[i])), 0);
    }
    assert_int_equal(sio_rooms_size(rooms, SIO_STR("all")), MANY);
    assert_int_equal(sio_rooms_of_count(&m[0]), MANY + 1);
    assert_int_equal(sio_rooms_size(rooms, id_of(&m[7])), 2);
    for (unsigned i = MANY; i-- > 1;) {
        sio_rooms_remove(rooms, &m[i]);
        assert_int_equal(sio_rooms_size(rooms, SIO_STR("all")), i);
        assert_int_equal(sio_rooms_size(rooms, id_of(&m[i])), 1);
    }
    assert_int_equal(rooms->everyone_cap, 4);
    assert_int_equal(m[0].count, MANY);
    sio_rooms_remove(rooms, &m[0]);
    assert_null(m[0].memberships);
    assert_null(rooms->everyone);
    assert_int_equal(rooms->rooms.count, 0);
    sio_rooms_free(rooms);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_id_is_a_room),
        cmocka_unit_test(id_is_taken_once),
        cmocka_unit_test(other_ids),
        cmocka_unit_test(names_have_a_limit),
        cmocka_unit_test(sender_is_left_out),
        cmocka_unit_test(stamps_survive_their_wrap),
        cmocka_unit_test(a_watcher_hears_of_each_change),
        cmocka_unit_test(random_operations_agree_with_a_model),
        cmocka_unit_test(arrays_grow_and_shrink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
