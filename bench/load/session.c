#include "load/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "load/polling.h"
#include "load/swarm.h"
#include "load/websocket.h"

void bench_session_say(bench_client *client, const char *text, size_t len)
{
    if (client->swarm->options->polling)
        bench_polling_say(client, text, len);
    else
        bench_websocket_say(client, text, len);
}

static uint32_t index_of(const bench_client *client)
{
    return (uint32_t)(client - client->swarm->clients);
}

static void become_ready(bench_client *client)
{
    client->state = BENCH_CLIENT_READY;
    bench_swarm_client_ready(client->swarm, client);
}

/* 0{"sid":"…",…}, 40{"sid":"…"} */
static void keep_id(bench_client *client, const char *text, size_t len)
{
    static const char key[] = "\"sid\":\"";
    const char *id = memmem(text, len, key, sizeof key - 1);
    const char *end = id ? memchr(id + sizeof key - 1, '"', len - (size_t)(id - text) - 7) : NULL;

    if (!end || end - id - 7 > BENCH_ID_MAX) {
        bench_client_fail(client, "the server sent", "an id that is none or is too long");
        return;
    }
    memcpy(client->sid, id + 7, (size_t)(end - id - 7));
    client->sid[end - id - 7] = '\0';
}

static void on_open(bench_client *client, const char *text, size_t len)
{
    if (client->swarm->options->polling)
        keep_id(client, text, len);
    if (client->state != BENCH_CLIENT_CLOSED)
        bench_session_say(client, "40", 2);
}

static void on_namespace(bench_client *client, const char *text, size_t len)
{
    const bench_options *options = client->swarm->options;

    if (client->state != BENCH_CLIENT_OPENING)
        return;
    if (options->traffic == BENCH_PRIVATE && !options->polling)
        keep_id(client, text, len);
    if (client->state == BENCH_CLIENT_CLOSED)
        return;
    const sio_buf *join = bench_swarm_join(client->swarm, index_of(client));
    if (!join->len) {
        become_ready(client);
        return;
    }
    client->state = BENCH_CLIENT_JOINING;
    bench_session_say(client, join->data, join->len);
}

static void fail_order(bench_client *client)
{
    const bench_ledger *ledger = client->swarm->ledger;
    char text[80];

    (void)snprintf(text, sizeof text, "a client got number %" PRIu64 " where %" PRIu64 " was next",
                   ledger->got, ledger->wanted);
    bench_client_fail(client, "a message was lost, doubled or mixed up", text);
}

static uint64_t read_number(const char *digits)
{
    uint64_t number = 0;

    for (int i = 0; i < BENCH_DIGITS; i++)
        number = number * 10 + (uint64_t)(digits[i] - '0');
    return number;
}

/* What the ledger says of it. */
static void judge(bench_client *client, int result)
{
    bench_swarm *swarm = client->swarm;

    if (result < 0)
        fail_order(client);
    else if (result > 0)
        swarm->on_finished(swarm->data);
}

static void on_message(bench_client *client, const char *digits, uint64_t now)
{
    judge(client,
          bench_ledger_receive(client->swarm->ledger, index_of(client), read_number(digits), now));
}

/* ---- surveys ---- */

/* 42<id>["b","<digits>…"] is acknowledged. False: it is something else. */
static bool on_question(bench_client *client, const char *text, size_t len, uint64_t now)
{
    static const char event[] = "[\"b\",\"";
    char answer[32] = "43";
    size_t at = 2;

    for (; at < len && at < 22 && text[at] >= '0' && text[at] <= '9'; at++)
        answer[at] = text[at];
    if (at == 2 || len < at + sizeof event - 1 + BENCH_DIGITS || memcmp(text, "42", 2) != 0 ||
        memcmp(text + at, event, sizeof event - 1) != 0)
        return false;
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): it has a length */
    memcpy(answer + at, "[1]", 3);
    on_message(client, text + at + sizeof event - 1, now);
    if (client->state != BENCH_CLIENT_CLOSED)
        bench_session_say(client, answer, at + 3);
    return true;
}

/* 431["<digits>…",<count>]: clients of others may be among those that have answered. */
static void on_answer(bench_client *client, const char *digits, size_t len, uint64_t now)
{
    bench_swarm *swarm = client->swarm;
    const char *end = digits + len, *at = memrchr(digits, ',', len);
    uint64_t count = 0;

    for (at = at ? at + 1 : end; at < end && *at >= '0' && *at <= '9' && count < UINT32_MAX; at++)
        count = count * 10 + (uint64_t)(*at - '0');
    if (count < swarm->options->clients)
        bench_client_fail(client, "a survey ended before", "all had answered it");
    else
        judge(client, bench_ledger_answer(swarm->ledger, read_number(digits), now));
}

void bench_session_packet(bench_client *client, const char *text, size_t len, uint64_t now)
{
    const sio_str before = client->swarm->before;

    const bool survey = client->swarm->options->traffic == BENCH_SURVEY;

    if (survey && on_question(client, text, len, now))
        return;
    if (len > before.len + BENCH_DIGITS && memcmp(text, before.data, before.len) == 0) {
        if (survey)
            on_answer(client, text + before.len, len - before.len, now);
        else
            on_message(client, text + before.len, now);
    } else if (len == 1 && text[0] == '2')
        bench_session_say(client, "3", 1);
    else if (len > 1 && text[0] == '0')
        on_open(client, text, len);
    else if (len > 1 && memcmp(text, "40", 2) == 0)
        on_namespace(client, text, len);
    else if (len > 1 && memcmp(text, "43", 2) == 0 && client->state == BENCH_CLIENT_JOINING)
        become_ready(client);
    else if (len > 1 && (memcmp(text, "44", 2) == 0 || memcmp(text, "41", 2) == 0))
        bench_client_fail(client, "the server refused a client", "the namespace is closed to it");
}
