#include "wire.h"

typedef struct sim_flight {
    struct sim_flight *next;
    sim_cargo *cargo;
    uint64_t due;
    unsigned from, to;
} sim_flight;

uint64_t sim_wire_random(sim_wire *wire, uint64_t below)
{
    uint64_t z = (wire->seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static void release(sim_cargo *cargo)
{
    if (--cargo->refs == 0)
        cargo->free(cargo);
}

static void launch(sim_wire *wire, unsigned from, unsigned to, sim_cargo *cargo)
{
    sim_flight *flight = calloc(1, sizeof(*flight));
    assert_non_null(flight);
    *flight = (sim_flight){ .cargo = cargo, .from = from, .to = to };
    flight->due = wire->now + 1 + sim_wire_random(wire, (uint64_t)wire->delay_ms + 1);
    if (!wire->disorder && flight->due < wire->last[from][to])
        flight->due = wire->last[from][to];
    wire->last[from][to] = flight->due;
    sim_flight **place = &wire->flights;
    while (*place && (*place)->due <= flight->due)
        place = &(*place)->next;
    flight->next = *place;
    *place = flight;
    cargo->refs++;
}

/* What a node says to itself, and what goes by way of another place, is safe. */
static bool is_safe(unsigned from, unsigned to)
{
    return from == to || from >= SIM_NODES || to >= SIM_NODES;
}

static void send(sim_wire *wire, unsigned from, unsigned to, sim_cargo *cargo)
{
    const bool safe = is_safe(from, to);
    if (!safe && (sim_wire_random(wire, 1000) < wire->loss || wire->cut[from]))
        return;
    launch(wire, from, to, cargo);
    if (!safe && sim_wire_random(wire, 1000) < wire->twice)
        launch(wire, from, to, cargo);
}

void sim_wire_send(sim_wire *wire, unsigned from, unsigned to, sim_cargo *cargo)
{
    cargo->refs = 1;
    send(wire, from, to, cargo);
    release(cargo);
}

void sim_wire_spread(sim_wire *wire, unsigned from, sim_cargo *cargo)
{
    cargo->refs = 1;
    for (unsigned to = 0; to < wire->count; to++)
        if (to != from)
            send(wire, from, to, cargo);
    release(cargo);
}

static bool takes(const sim_wire *wire, const sim_flight *flight)
{
    if (flight->to >= SIM_NODES)
        return true;
    if (!wire->nodes[flight->to])
        return false;
    return is_safe(flight->from, flight->to) || !wire->cut[flight->to];
}

static void arrive(sim_wire *wire)
{
    sim_flight *flight = wire->flights;
    wire->flights = flight->next;
    if (takes(wire, flight)) {
        wire->carried++;
        flight->cargo->arrive(flight->cargo, flight->to);
        if (flight->to < SIM_NODES)
            sim_turn(wire->nodes[flight->to]);
    }
    release(flight->cargo);
    free(flight);
}

static uint64_t next_event(const sim_wire *wire)
{
    uint64_t next = wire->flights ? wire->flights->due : UINT64_MAX;
    for (unsigned i = 0; i < wire->count; i++)
        if (wire->nodes[i] && wire->nodes[i]->armed < next)
            next = wire->nodes[i]->armed;
    return next;
}

static void move_to(sim_wire *wire, uint64_t now)
{
    if (now > wire->now)
        wire->now = now;
    for (unsigned i = 0; i < wire->count; i++)
        if (wire->nodes[i])
            sim_wait(wire->nodes[i], wire->now - wire->nodes[i]->now);
    while (wire->flights && wire->flights->due <= wire->now)
        arrive(wire);
}

void sim_wire_wait(sim_wire *wire, uint64_t ms)
{
    const uint64_t until = wire->now + ms;
    uint64_t next;
    move_to(wire, wire->now);
    while ((next = next_event(wire)) <= until)
        move_to(wire, next);
    move_to(wire, until);
}

void sim_wire_clear(sim_wire *wire)
{
    while (wire->flights) {
        sim_flight *flight = wire->flights;
        wire->flights = flight->next;
        release(flight->cargo);
        free(flight);
    }
}
