/* What clients of a starved server do: most of what a protocol has. They go on, whatever fails. */
#ifndef SIO_TESTS_STARVED_LIVES_H
#define SIO_TESTS_STARVED_LIVES_H

#include "starved.h"

static inline void websocket_life(struct peer *peer)
{
    char cut[512];
    const size_t len = frame_of(cut, SIO_WS_TEXT, "42[\"message\",\"in two parts\"]", 28);
    say_text(peer, "GET " ENGINE "websocket" HTTP "Cookie: a\r\n" WEBSOCKET "\r\n");
    comes(peer, "0{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "40{\"token\":\"x\"}");
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "421[\"message\",1.5,{\"a\":[true,null]}]");
    comes(peer, "431");
    say(peer, cut, 9);
    settle(peer);
    say(peer, cut + 9, len - 9);
    comes(peer, "in two parts");
    say_frame(peer, SIO_WS_TEXT,
              "452-7[\"message\",{\"_placeholder\":true,\"num\":0},"
              "{\"_placeholder\":true,\"num\":1}]");
    say_frame(peer, SIO_WS_BINARY, "bytes");
    say_frame(peer, SIO_WS_BINARY, "more bytes");
    comes(peer, "more bytes");
    say_frame(peer, SIO_WS_PING, "ping");
    comes(peer, "ping");
    say_frame(peer, SIO_WS_TEXT, "40/no,");
    comes(peer, "44/no,");
    say_frame(peer, SIO_WS_TEXT, "40/nowhere,");
    comes(peer, "44/nowhere,");
    say_frame(peer, SIO_WS_TEXT, "40/dynamic,{\"token\":\"a\"}");
    comes(peer, "40/dynamic,");
    say_frame(peer, SIO_WS_TEXT, "40/a,");
    comes(peer, "40/a,");
    say_frame(peer, SIO_WS_TEXT, "41/dynamic,");
    say_frame(peer, SIO_WS_TEXT, "40/later,");
    HAPPENS(peer, app.held);
    if (app.held) {
        faults.armed = true;
        sio_next_pass(app.held);
        faults.armed = false;
    }
    app.held = NULL;
    comes(peer, "40/later,");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    comes(peer, "asked");
    say_frame(peer, SIO_WS_TEXT, "430[1]");
    say_frame(peer, SIO_WS_TEXT, "42[\"cluster\"]");
    if (comes(peer, "[\"quest\"") && comes(peer, "[\"other\""))
        say_frame(peer, SIO_WS_TEXT, "431[1]");
    say_frame(peer, SIO_WS_TEXT, "432[2]");
    settle(peer);
}

static inline void polling_life(struct peer *peer, struct peer *probe)
{
    char sid[21] = "none", request[512];
    say_text(peer, "GET " ENGINE "polling" HTTP "Origin: http://a.example.org\r\n\r\n");
    if (comes(peer, "0{\"sid\":\"") && peer->len > 20)
        snprintf(sid, sizeof(sid), "%.20s", peer->in);
    say_post(peer, sid, "40");
    comes(peer, "\r\n\r\nok");
    say_poll(peer, sid);
    comes(peer, "40{");
    say_post(peer, sid,
             "42[\"room\"]\x1e"
             "451-[\"message\",{\"_placeholder\":true,\"num\":0}]\x1e"
             "bAAEC");
    say_poll(peer, sid);
    comes(peer, "asked");
    say_poll(peer, sid);
    snprintf(request, sizeof(request), "GET " ENGINE "websocket&sid=%s" HTTP "%s\r\n", sid,
             WEBSOCKET);
    say_text(probe, request);
    comes(probe, "\r\n\r\n");
    say_frame(probe, SIO_WS_TEXT, "2probe");
    comes(probe, "3probe");
    comes(peer, "\r\n\r\n6");
    say_frame(probe, SIO_WS_TEXT, "5");
    say_frame(probe, SIO_WS_TEXT, "42[\"message\",\"over\"]");
    comes(probe, "over");
}

/* It reads nothing of the megabytes that it asks for. */
static inline void slow_life(struct peer *peer)
{
    say_hello(peer);
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "42[\"big\"]");
    for (int i = 0; i < 3; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

/* Requests of no session. */
static inline void passing_life(struct peer *peer)
{
    say_text(peer, "GET /test.c" HTTP "\r\nGET /none" HTTP "\r\n");
    comes(peer, "404");
    say_text(peer, "OPTIONS " ENGINE "polling" HTTP "Origin: http://a.example.org\r\n\r\n");
    comes(peer, "204");
    say_text(peer, "GET " ENGINE "polling&stranger=1" HTTP "\r\n");
    comes(peer, "who are you?");
}

#endif
