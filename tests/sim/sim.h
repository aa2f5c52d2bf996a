/*
 * The server core without a network: a clock that is moved by hand, links that collect what is sent
 * as text, and randomness from a seed.
 */
#ifndef SIO_TESTS_SIM_H
#define SIO_TESTS_SIM_H

#include "check.h"

#include <stdbool.h>
#include <stdio.h>

#include <sio/sio.h>
#include <sio/sys/mem.h>

#include "core/client.h"
#include "core/server.h"

/* A list of texts, oldest first. */
typedef struct sim_texts {
    char **items;
    size_t count;
    size_t cap;
    size_t at; /* the next that is expected */
} sim_texts;

void sim_texts_add(sim_texts *texts, const char *text, size_t len);
const char *sim_texts_next(sim_texts *texts); /* NULL: none is left; borrowed */
void sim_texts_clear(sim_texts *texts);

typedef struct sim {
    sio_server *server;
    uint64_t now;
    uint64_t seed;
    uint64_t armed;
    bool woken;
    unsigned wakes;
    unsigned flushes;  /* of links */
    sim_texts journal; /* what handlers note */
    struct sim_peer *peers;
    struct sim_link *links;
    struct sim_link *flying; /* those that write when the core says */
} sim;

typedef struct sim_link {
    sio_link link; /* first */
    struct sim_link *all;
    struct sim_link *next_flying;
    struct sim_peer *peer;
    uint32_t held; /* in the outbox when it put its flush off */
    bool websocket;
    bool open;    /* until it was closed by either side, or the poll was answered */
    bool stuck;   /* takes nothing */
    bool leaving; /* the core has let go of it; it closes once it can */
} sim_link;

/* The client's side. */
typedef struct sim_peer {
    sim *sim;
    struct sim_peer *all;
    char sid[21];
    sim_link *transport; /* the WebSocket, or the poll that waits */
    sim_link *probe;
    bool websocket;
    sim_texts inbox; /* packets ("42[…]", "b:01ff"), "<close>" and "<abort>" of WebSockets, and
                        "probe: …" */
} sim_peer;

void sim_start(sim *self, uint64_t seed, sio_server_options options);
/* Closes the server, waits for the end of all and frees it. */
void sim_stop(sim *self);

uint64_t sim_random(sim *self, uint64_t below);

/* The end of a turn, and as many milliseconds as that with all deadlines in them. */
void sim_turn(sim *self);
void sim_wait(sim *self, uint64_t ms);

/* A new session; the open packet has been received. A polling one has no poll waiting. */
sim_peer *sim_open(sim *self, sio_eio_transport transport);
sim_peer *sim_open_as(sim *self, sio_eio_transport transport, sio_eio_dialect dialect);
/* The same, and connected to "/" (its answer was received). */
sim_peer *sim_join(sim *self, sio_eio_transport transport);

/* The core's client, NULL once it is over. */
sio_client *sim_client(sim_peer *peer);

/* Sends one message by WebSocket or a payload by POST, and ends the turn. 0, or what the core said
 * to the POST. */
int sim_send(sim_peer *peer, const char *text);
/* The same without ending the turn. */
int sim_write(sim_peer *peer, const char *text);
int sim_write_bytes(sim_peer *peer, sio_str bytes);
void sim_send_binary(sim_peer *peer, const void *data, size_t len);

/* Polls, and ends the turn. 0, or what the core said. */
int sim_poll(sim_peer *peer);

/* A WebSocket that probes: opened, and what it says. */
int sim_probe(sim_peer *peer);
void sim_probe_send(sim_peer *peer, const char *text);

/* The connection breaks. */
void sim_vanish(sim_peer *peer);

/* The WebSocket stops taking bytes; and takes them again. */
void sim_stick(sim_peer *peer);
void sim_unstick(sim_peer *peer);

/* The next text is exactly that; there is none. */
#define sim_expect(texts, text)   sim_expect_at((texts), (text), __FILE__, __LINE__)
#define sim_expect_nothing(texts) sim_expect_at((texts), NULL, __FILE__, __LINE__)
void sim_expect_at(sim_texts *texts, const char *text, const char *file, int line);

/* Notes a line in the journal. */
void sim_note(sim *self, const char *format, ...) SIO_PRINTF(2, 3);
/* "<what> <the arguments as JSON>", and " ack" if there is one. */
void sim_note_args(sim *self, const char *what, const sio_args *args, const sio_ack *ack);

/* Handlers that note "connect", and "disconnect: <reason>", for namespaces other than "/" with the
 * name before. `data` is the sim. */
void sim_on_connection(sio_socket *socket, void *data);
void sim_on_disconnect(sio_socket *socket, const char *reason, void *data);

/* The socket that connected last. */
extern sio_socket *sim_last;

/* Starts it with these handlers in "/", which it returns. */
sio_namespace *sim_begin(sim *self, uint64_t seed, sio_server_options options);
/* Joins, and takes the "connect" out of the journal. */
sim_peer *sim_enter(sim *self, sio_eio_transport transport);

#endif
