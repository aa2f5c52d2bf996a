#include "sim.h"

#include <sio/sys/text.h>

/* ---- links ---- */

static void note_frames(sim_link *self, const sio_frame *chain, const char *prefix)
{
    char text[128];
    for (; chain; chain = chain->next) {
        const sio_str payload = sio_frame_payload(chain);
        if (!chain->binary && !*prefix) {
            sim_texts_add(&self->peer->inbox, payload.data, payload.len);
            continue;
        }
        int len = snprintf(text, sizeof(text), "%s", chain->binary ? "b:" : prefix);
        for (size_t i = 0; i < payload.len && len < 100; i++)
            len += snprintf(text + len, sizeof(text) - (size_t)len, chain->binary ? "%02x" : "%c",
                            (unsigned char)payload.data[i]);
        sim_texts_add(&self->peer->inbox, text, (size_t)len);
    }
}

static void drain(sim_link *self)
{
    sio_outbox *outbox = &self->link.client->outbox;
    sio_frame *chain;
    while ((chain = sio_outbox_pop(outbox))) {
        note_frames(self, chain, "");
        sio_frame_unref(chain);
    }
}

static void shut(sim_link *self)
{
    self->open = false;
    if (self->peer->transport == self)
        self->peer->transport = NULL;
    if (self->peer->probe == self)
        self->peer->probe = NULL;
}

static void answer_poll(sim_link *self, bool last)
{
    assert_true(last || self->link.client->outbox.count > 0);
    drain(self);
    if (last)
        sim_texts_add(&self->peer->inbox, "1", 1);
    shut(self);
    sio_client_detach(self->link.client, &self->link);
    assert_null(self->link.client);
}

static void say_farewell(sim_link *self)
{
    sim_texts_add(&self->peer->inbox, "<close>", 7);
    shut(self);
}

/* As server/net does it, so that whoever touches an outbox meanwhile is found out. */
static void put_off(sim_link *self)
{
    assert_false(self->link.flying);
    self->link.flying = true;
    self->held = self->link.client->outbox.count;
    self->next_flying = self->peer->sim->flying;
    self->peer->sim->flying = self;
}

static void on_settle(void *data)
{
    sim *world = data;
    while (world->flying) {
        sim_link *self = world->flying;
        world->flying = self->next_flying;
        assert_true(self->open);
        assert_int_equal(self->link.client->outbox.count, self->held);
        self->link.flying = false;
        drain(self);
        sio_client_settle(self->link.client);
    }
}

static void flush(sio_link *link, bool last)
{
    sim_link *self = (sim_link *)link;
    sim *world = self->peer->sim;
    assert_true(self->open);
    assert_non_null(link->client);
    assert_int_equal(world->server->depth, 0);
    world->flushes++;
    if (!self->websocket) {
        answer_poll(self, last);
        return;
    }
    if (self->stuck) {
        link->blocked = true;
        self->leaving = last && link->client->outbox.count == 0;
        return;
    }
    if (!last) {
        put_off(self);
        return;
    }
    drain(self);
    say_farewell(self);
}

static void cut(sio_link *link)
{
    sim_link *self = (sim_link *)link;
    assert_true(self->open);
    assert_null(link->client);
    sim_texts_add(&self->peer->inbox, "<abort>", 7);
    shut(self);
}

static void send_now(sio_link *link, sio_frame *frame)
{
    sim_link *self = (sim_link *)link;
    assert_true(self->open);
    assert_true(self == self->peer->probe);
    note_frames(self, frame, "probe: ");
}

static const sio_link_ops link_ops = { .flush = flush, .abort = cut, .send_now = send_now };

static sim_link *link_new(sim_peer *peer, bool websocket)
{
    sim_link *self = calloc(1, sizeof(*self));
    assert_non_null(self);
    self->link.ops = &link_ops;
    self->peer = peer;
    self->websocket = websocket;
    self->open = true;
    self->all = peer->sim->links;
    peer->sim->links = self;
    return self;
}

/* ---- the world ---- */

uint64_t sim_random(sim *self, uint64_t below)
{
    uint64_t z = (self->seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static void on_wake(void *data)
{
    sim *self = data;
    assert_false(self->woken);
    self->woken = true;
    self->wakes++;
}

static void on_arm(void *data, uint64_t due)
{
    ((sim *)data)->armed = due;
}

static void on_random(void *data, void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)out)[i] = (unsigned char)sim_random(data, 256);
}

static uint64_t clock_now(void *data)
{
    return ((const sim *)data)->now;
}

static const sio_net_ops net_ops = {
    .wake = on_wake,
    .arm = on_arm,
    .random = on_random,
    .now = clock_now,
    .settle = on_settle,
};

void sim_start(sim *self, uint64_t seed, sio_server_options options)
{
    *self = (sim){ .seed = seed, .now = 1000, .armed = UINT64_MAX };
    assert_int_equal(sio_core_new(&self->server, &options, &net_ops, self, self->now), 0);
}

void sim_turn(sim *self)
{
    while (self->woken) {
        self->woken = false;
        sio_core_flush(self->server);
    }
    assert_null(self->flying);
    assert_true(sio_list_empty(&self->server->dirty));
    assert_true(sio_list_empty(&self->server->doomed));
}

void sim_wait(sim *self, uint64_t ms)
{
    const uint64_t until = self->now + ms;
    sim_turn(self);
    while (self->armed <= until) {
        self->now = self->armed;
        self->armed = UINT64_MAX;
        sio_core_tick(self->server, self->now);
        sim_turn(self);
    }
    self->now = self->server->now = until;
}

static void peer_free(sim_peer *peer)
{
    sim_texts_clear(&peer->inbox);
    free(peer);
}

void sim_stop(sim *self)
{
    sio_core_close(self->server);
    sim_wait(self, 5000);
    assert_int_equal(self->server->clients.count, 0);
    assert_int_equal(self->server->stats.clients, 0);
    assert_int_equal(self->server->stats.clients_websocket, 0);
    assert_int_equal(self->server->stats.sockets, 0);
    assert_true(self->armed == UINT64_MAX);
    sio_core_free(self->server);
    for (sim_link *link = self->links, *next; link; link = next) {
        next = link->all;
        assert_false(link->open && link->link.client);
        free(link);
    }
    for (sim_peer *peer = self->peers, *next; peer; peer = next) {
        next = peer->all;
        peer_free(peer);
    }
    sim_texts_clear(&self->journal);
    sim_last = NULL;
}

/* ---- peers ---- */

static sio_handshake *make_handshake(void)
{
    const sio_handshake_header headers[] = {
        { SIO_STR("Host"), SIO_STR("sim") },
        { SIO_STR("X-Name"), SIO_STR("one") },
        { SIO_STR("x-name"), SIO_STR("two") },
    };
    return sio_handshake_new(&(sio_handshake_info){
        .url = SIO_STR("/socket.io/?EIO=4&name=J%C3%BCrg+K"),
        .headers = headers,
        .header_count = 3,
        .address = SIO_STR("127.0.0.1"),
        .issued_ms = 1234,
    });
}

sio_client *sim_client(sim_peer *peer)
{
    return sio_client_find(peer->sim->server, (sio_str){ peer->sid, 20 });
}

sim_peer *sim_open(sim *self, sio_eio_transport transport)
{
    return sim_open_as(self, transport, SIO_EIO_4);
}

sim_peer *sim_open_as(sim *self, sio_eio_transport transport, sio_eio_dialect dialect)
{
    sim_peer *peer = calloc(1, sizeof(*peer));
    assert_non_null(peer);
    peer->sim = self;
    peer->all = self->peers;
    self->peers = peer;
    peer->websocket = transport == SIO_EIO_WEBSOCKET;
    if (peer->websocket)
        peer->transport = link_new(peer, true);
    sio_client *client;
    assert_int_equal(sio_client_new(&client, self->server, transport, dialect, make_handshake(),
                                    peer->transport ? &peer->transport->link : NULL),
                     0);
    memcpy(peer->sid, client->sid, sizeof(peer->sid));
    if (!peer->websocket)
        assert_int_equal(sim_poll(peer), 0);
    sim_turn(self);
    const char *open = sim_texts_next(&peer->inbox);
    assert_non_null(open);
    assert_memory_equal(open, "0{\"sid\":\"", 9);
    assert_memory_equal(open + 9, peer->sid, 20);
    return peer;
}

sim_peer *sim_join(sim *self, sio_eio_transport transport)
{
    sim_peer *peer = sim_open(self, transport);
    assert_int_equal(sim_send(peer, "40"), 0);
    if (!peer->websocket)
        assert_int_equal(sim_poll(peer), 0);
    const char *answer = sim_texts_next(&peer->inbox);
    assert_non_null(answer);
    assert_memory_equal(answer, "40{\"sid\":\"", 10);
    return peer;
}

int sim_write_bytes(sim_peer *peer, sio_str bytes)
{
    sio_client *client = sim_client(peer);
    char *copy = malloc(bytes.len ? bytes.len : 1); /* of exact size: reading beyond it shows */
    int err = 0;
    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.len);
    if (!client)
        err = SIO_ENOTFOUND;
    else if (peer->websocket)
        sio_client_text(client, &peer->transport->link, copy, bytes.len);
    else
        err = sio_client_payload(client, copy, bytes.len, false);
    free(copy);
    return err;
}

int sim_write(sim_peer *peer, const char *text)
{
    return sim_write_bytes(peer, sio_str_from(text));
}

int sim_send(sim_peer *peer, const char *text)
{
    const int err = sim_write(peer, text);
    sim_turn(peer->sim);
    return err;
}

void sim_send_binary(sim_peer *peer, const void *data, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    sio_client_binary(sim_client(peer), &peer->transport->link, copy, len);
    free(copy);
    sim_turn(peer->sim);
}

int sim_poll(sim_peer *peer)
{
    sio_client *client = sim_client(peer);
    if (!client)
        return SIO_ENOTFOUND;
    sim_link *link = link_new(peer, false);
    const int err = sio_client_attach(client, &link->link);
    if (err)
        link->open = false;
    else
        peer->transport = link;
    sim_turn(peer->sim);
    return err;
}

int sim_probe(sim_peer *peer)
{
    sio_client *client = sim_client(peer);
    if (!client)
        return SIO_ENOTFOUND;
    sim_link *link = link_new(peer, true);
    const int err = sio_client_probe(client, &link->link);
    if (err)
        link->open = false;
    else
        peer->probe = link;
    sim_turn(peer->sim);
    return err;
}

void sim_probe_send(sim_peer *peer, const char *text)
{
    sim_link *probe = peer->probe;
    char *copy = strdup(text);
    assert_non_null(copy);
    sio_client *client = sim_client(peer);
    sio_client_text(client, &probe->link, copy, strlen(text));
    free(copy);
    if (client->link == &probe->link) {
        peer->transport = probe;
        peer->probe = NULL;
        peer->websocket = true;
    }
    sim_turn(peer->sim);
}

static void break_link(sim_link *link)
{
    if (!link)
        return;
    shut(link);
    if (link->link.client)
        sio_client_lost(link->link.client, &link->link, SIO_EIO_TRANSPORT_CLOSE);
}

void sim_vanish(sim_peer *peer)
{
    break_link(peer->probe);
    break_link(peer->transport);
    sim_turn(peer->sim);
}

void sim_stick(sim_peer *peer)
{
    peer->transport->stuck = true;
}

void sim_unstick(sim_peer *peer)
{
    sim_link *link = peer->transport;
    link->stuck = link->link.blocked = false;
    if (link->link.client)
        sio_client_writable(link->link.client);
    else if (link->leaving)
        say_farewell(link);
    sim_turn(peer->sim);
}
