/* What comes from Redis, at every split: messages out of the bytes, all else by hiredis, in order.
 */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

#include "check.h"
#include "redis/inlet.h"

#define PATTERN_HEAD "*4\r\n$8\r\npmessage\r\n"

struct seen {
    char text[512];
    bool broken;
};

static void write_reply(char *out, size_t size, const redisReply *reply)
{
    size_t len = strlen(out);
    snprintf(out + len, size - len, "reply %d %s\n", reply->type,
             reply->elements ? reply->element[0]->str
             : reply->str    ? reply->str
                             : "");
}

static void write_message(char *out, size_t size, const sio_redis_message *message)
{
    size_t len = strlen(out);
    snprintf(out + len, size - len, "%c %.*s %.*s %.*s\n", "cps"[message->kind],
             (int)message -> name.len, message->name.data, (int)message->channel.len,
             message->channel.data, (int)message->payload.len, message->payload.data);
}

static void take_all(sio_inlet *inlet, redisReader *reader, struct seen *seen)
{
    for (;;) {
        sio_redis_message message;
        redisReply *reply;
        switch (sio_inlet_next(inlet, reader, &message, &reply)) {
        case SIO_INLET_NOTHING:
            return;
        case SIO_INLET_MESSAGE:
            write_message(seen->text, sizeof seen->text, &message);
            break;
        case SIO_INLET_REPLY:
            write_reply(seen->text, sizeof seen->text, reply);
            freeReplyObject(reply);
            break;
        case SIO_INLET_BROKEN:
            seen->broken = true;
            return;
        }
    }
}

static void come(sio_inlet *inlet, redisReader *reader, sio_str bytes, struct seen *seen)
{
    size_t size;
    char *at = sio_inlet_room(inlet, &size);
    assert_non_null(at);
    assert_true(size >= bytes.len);
    memcpy(at, bytes.data, bytes.len);
    sio_inlet_came(inlet, bytes.len);
    take_all(inlet, reader, seen);
}

/* Cut in two at `cut`. */
static struct seen read_cut(sio_str bytes, size_t cut, bool messages)
{
    struct seen seen = { .broken = false };
    redisReader *reader = redisReaderCreate();
    sio_inlet inlet = { .messages = messages };
    if (cut > 0)
        come(&inlet, reader, (sio_str){ bytes.data, cut }, &seen);
    if (!seen.broken)
        come(&inlet, reader, (sio_str){ bytes.data + cut, bytes.len - cut }, &seen);
    sio_inlet_free(&inlet);
    redisReaderFree(reader);
    return seen;
}

static void messages_and_replies_in_order(void **state)
{
    (void)state;
    static const char text[] =
        "*3\r\n$9\r\nsubscribe\r\n$4\r\na\r\nb\r\n:1\r\n"
        "*3\r\n$7\r\nmessage\r\n$4\r\na\r\nb\r\n$2\r\n\r\n\r\n" PATTERN_HEAD
        "$2\r\np*\r\n$2\r\npq\r\n$5\r\nhello\r\n+PONG\r\n"
        "*3\r\n$8\r\nsmessage\r\n$1\r\ns\r\n$0\r\n\r\n-ERR no\r\n" PATTERN_HEAD
        "$1\r\n*\r\n$1\r\nx\r\n$3\r\nend\r\n";
    static const char expected[] =
        "reply 2 subscribe\nc a\r\nb a\r\nb \r\n\np p* pq hello\nreply 5 PONG\ns s s \n"
        "reply 6 ERR no\np * x end\n";
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        const struct seen seen = read_cut(SIO_STR(text), cut, true);
        assert_string_equal(seen.text, expected);
        assert_false(seen.broken);
    }
}

static void who_only_asks_gets_replies_only(void **state)
{
    (void)state;
    const sio_str text = SIO_STR("+OK\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n:5\r\n");
    for (size_t cut = 0; cut < text.len; cut++)
        assert_string_equal(read_cut(text, cut, false).text,
                            "reply 5 OK\nreply 2 message\nreply 3 \n");
}

/* hiredis says what it makes of it, and the next message is found all the same. */
static void what_is_odd_is_no_message(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "*3\r\n$7\r\nmessage\r\n$-1\r\n$1\r\nb\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n:1\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\naXY$1\r\nb\r\n",
        "*3\r\n$7\r\nmessage\r\n+a\r\n$1\r\nb\r\n",
        "*3\r\n$7\r\nmessage\r\n*0\r\n$1\r\nb\r\n",
        PATTERN_HEAD "$1\r\na\r\n$1\r\nb\r\n:1\r\n",
        "*4\r\n$7\r\nmessage\r\n:1\r\n:2\r\n$1\r\nb\r\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        int len = snprintf(text, sizeof text, "%s%s", rows[i],
                           "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n");
        for (size_t cut = 0; cut < (size_t)len; cut++) {
            const struct seen seen = read_cut((sio_str){ text, (size_t)len }, cut, true);
            assert_int_equal(memcmp(seen.text, "reply 2 ", 8), 0);
            assert_non_null(strstr(seen.text, "\nc a a b\n"));
        }
    }
}

static void what_is_no_protocol_is_broken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "*3\r\n$7\r\nmessage\r\n$x\r\n",
        "*3\r\n$7\r\nmessage\r\n$05\r\nabcde\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$99999999999999999999\r\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 0; cut < strlen(rows[i]); cut++)
            assert_true(read_cut(sio_str_from(rows[i]), cut, true).broken);
}

/* Comes in many pieces, and what it took is given back. */
static void a_long_message(void **state)
{
    (void)state;
    const size_t len = 3000000;
    struct seen seen = { .broken = false };
    redisReader *reader = redisReaderCreate();
    sio_inlet inlet = { .messages = true };
    sio_buf text = { 0 };
    sio_buf_printf(&text, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$%zu\r\n", len);
    memset(sio_buf_reserve(&text, len), 'x', len);
    text.len += len;
    sio_buf_text(&text, "\r\n+OK\r\n");
    for (size_t at = 0, size; at < text.len; at += size) {
        assert_int_equal(seen.text[0], '\0');
        char *to = sio_inlet_room(&inlet, &size);
        assert_non_null(to);
        if (size > text.len - at)
            size = text.len - at;
        memcpy(to, text.data + at, size);
        sio_inlet_came(&inlet, size);
        take_all(&inlet, reader, &seen);
    }
    assert_non_null(strstr(seen.text, "c a a xxx"));
    size_t size;
    assert_non_null(sio_inlet_room(&inlet, &size));
    assert_true(size <= 256 * 1024);
    sio_buf_free(&text);
    sio_inlet_free(&inlet);
    redisReaderFree(reader);
}

static void lengths_that_cannot_be(void **state)
{
    (void)state;
    sio_redis_message message;
    const sio_str rows[] = {
        SIO_STR("*3\r\n$7\r\nmessage\r\n$2147483647\r\n"),
        SIO_STR("*3\r\n$7\r\nmessage\r\n$99999999999999999999\r\n"),
        SIO_STR("*3\r\n$7\r\nmessage\r\n$\r\n"),
        SIO_STR("*3\r\n$7\r\nmessage\r\n$00\r\n"),
        SIO_STR("*3\r\n$7\r\nmessage\r\n$-1\r\n"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sio_redis_message_read(&message, rows[i].data, rows[i].len), SIO_EPARSE);
    const sio_str cut = SIO_STR("*3\r\n$7\r\nmessage\r\n$2147483646\r\nabc");
    assert_int_equal(sio_redis_message_read(&message, cut.data, cut.len), 0);
    assert_int_equal(sio_redis_message_read(&message, cut.data, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_and_replies_in_order),
        cmocka_unit_test(who_only_asks_gets_replies_only),
        cmocka_unit_test(what_is_odd_is_no_message),
        cmocka_unit_test(what_is_no_protocol_is_broken),
        cmocka_unit_test(a_long_message),
        cmocka_unit_test(lengths_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
