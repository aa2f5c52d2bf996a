/* What an idle client takes, piece by piece, is what docs/guide/memory.md says. */
#include "net/conn.h"

#include "core/socket.h"

#include "live.h"

#include <stdalign.h>

#include <sio/memory.h>

/* Before each piece of memory: its size. */
union head {
    size_t size;
    max_align_t aligned;
};

#define LARGEST 1024u /* of the pieces that are counted one by one */

static size_t pieces[LARGEST]; /* live, by size */

static void count(size_t size, int by)
{
    if (size < LARGEST)
        pieces[size] += (size_t)by;
}

static void *count_alloc(size_t size, void *data)
{
    (void)data;
    union head *head = malloc(sizeof(*head) + size);
    if (!head)
        return NULL;
    head->size = size;
    count(size, 1);
    return head + 1;
}

static void count_free(void *memory, void *data)
{
    (void)data;
    union head *head = (union head *)memory - 1;
    count(head->size, -1);
    free(head);
}

static void *count_realloc(void *memory, size_t size, void *data)
{
    const size_t before = memory ? ((union head *)memory - 1)->size : 0;
    void *fresh = count_alloc(size, data);
    if (!memory || !fresh)
        return fresh;
    memcpy(fresh, memory, before < size ? before : size);
    count_free(memory, data);
    return fresh;
}

/* ---- the page ---- */

/* The bytes that its table tells of what is named so. */
static size_t told(const char *name)
{
    char line[512], begin[64];
    const size_t len = (size_t)snprintf(begin, sizeof(begin), "| %s | ", name);
    FILE *page = fopen(SIO_DOCS "/guide/memory.md", "r");
    assert_non_null(page);
    size_t bytes = 0;
    while (bytes == 0 && fgets(line, sizeof(line), page))
        if (strncmp(line, begin, len) == 0)
            bytes = strtoul(line + len, NULL, 10);
    fclose(page);
    if (bytes == 0)
        fail_msg("memory.md has no line of %s", name);
    return bytes;
}

static void structures_are_as_large_as_told(void **state)
{
    (void)state;
    assert_int_equal(sizeof(sio_conn), told("the connection, `sio_conn`"));
    assert_int_equal(sizeof(uv_tcp_t), told("of it, the handle of libuv, `uv_tcp_t`"));
    assert_int_equal(sizeof(struct sio_client), told("the session, `sio_client`"));
    assert_int_equal(sizeof(struct sio_socket), told("the socket, `sio_socket`"));
}

/* ---- clients ---- */

#define CLIENTS 64u /* a power of two, as tables that double have it */

#define REQUEST                                                                                    \
    "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET                                               \
    "Host: chat.example.com\r\nOrigin: https://chat.example.com\r\n"                               \
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "          \
    "Chrome/126.0.0.0 Safari/537.36\r\nAccept-Encoding: gzip, deflate, br\r\n"                     \
    "Accept-Language: en-US,en;q=0.9\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n\r\n"

static struct peer *peers[2 * CLIENTS];

static struct peer *connect_as_a_browser(void)
{
    struct peer *peer = peer_new();
    send_text(peer, REQUEST);
    expect(peer, "HTTP/1.1 101 Switching Protocols\r\n");
    send_frame(peer, SIO_WS_TEXT, "40");
    expect(peer, "40{\"sid\":");
    expect(peer, "}");
    return peer;
}

static void settle_down(void)
{
    for (int i = 0; i < 4; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

/* Tables that all share are made anew now and then. */
static bool differs(size_t now, size_t expected)
{
    return (now > expected ? now - expected : expected - now) > 4;
}

/* One more client is one more piece of each of these, and nothing else. */
static void an_idle_client_is_made_of_these(void **state)
{
    (void)state;
    static size_t before[LARGEST];
    size_t all = 0;
    for (unsigned i = 0; i < CLIENTS; i++)
        peers[i] = connect_as_a_browser();
    settle_down();
    memcpy(before, pieces, sizeof(before));
    for (unsigned i = CLIENTS; i < 2 * CLIENTS; i++)
        peers[i] = connect_as_a_browser();
    settle_down();
    const size_t of_one[] = { sizeof(sio_conn), sizeof(struct sio_client),
                              sizeof(struct sio_socket),
                              told("the handshake: URL, headers, address"),
                              told("room for four messages to come, `sio_outbox`") };
    for (size_t i = 0; i < sizeof(of_one) / sizeof(of_one[0]); i++) {
        assert_true(of_one[i] < LARGEST);
        all += of_one[i];
        before[of_one[i]] += CLIENTS;
    }
    assert_int_equal(all, told("in all"));
    for (size_t size = 0; size < LARGEST; size++)
        if (differs(pieces[size], before[size]))
            fail_msg("%zd more pieces of %zu bytes than told for %u clients",
                     (ssize_t)(pieces[size] - before[size]), size, CLIENTS);
    for (unsigned i = 0; i < 2 * CLIENTS; i++)
        peer_free(peers[i]);
}

static const sio_allocator allocator = {
    .alloc = count_alloc,
    .realloc = count_realloc,
    .free = count_free,
};

static int use_allocator(void **state)
{
    (void)state;
    return sio_memory_use(&allocator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structures_are_as_large_as_told),
        SERVED(an_idle_client_is_made_of_these),
    };
    return cmocka_run_group_tests(tests, use_allocator, NULL);
}
