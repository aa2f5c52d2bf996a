#include "redis/message.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

/* What is left of the input. */
typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

#define WHOLE 1
#define CUT   0

#define DIGITS_MAX 10 /* of a length below SIO_LIMIT_LENGTH */

/* `\r\n`, as far as it is there. */
static inline int take_end(cursor *in)
{
    size_t left = (size_t)(in->end - in->at);
    if ((left > 0 && in->at[0] != '\r') || (left > 1 && in->at[1] != '\n'))
        return SIO_EPARSE;
    if (left < 2)
        return CUT;
    in->at += 2;
    return WHOLE;
}

/* As Redis writes it: without a sign, and without zeros before it. */
static inline int take_count(cursor *in, size_t *out)
{
    const char *first = in->at, *at = first;
    const char *last = in->end - at > DIGITS_MAX ? at + DIGITS_MAX : in->end;
    size_t count = 0;
    for (unsigned digit; at < last && (digit = (unsigned)*at - '0') <= 9; at++)
        count = count * 10 + digit;
    if (at == in->end)
        return CUT;
    if (at == first || count >= SIO_LIMIT_LENGTH || (*first == '0' && at - first > 1))
        return SIO_EPARSE;
    in->at = at;
    *out = count;
    return take_end(in);
}

/* `$<length>\r\n<bytes>\r\n` */
static int take_string(cursor *in, sio_str *out)
{
    if (in->at == in->end)
        return CUT;
    if (*in->at != '$')
        return SIO_EPARSE;
    in->at++;
    size_t len;
    int found = take_count(in, &len);
    if (found != WHOLE)
        return found;
    if ((size_t)(in->end - in->at) < len)
        return CUT;
    *out = (sio_str){ in->at, len };
    in->at += len;
    return take_end(in);
}

/* The array's head and its first word, which tell the kind. */
static int take_head(cursor *in, sio_redis_kind *kind)
{
    const sio_str heads[SIO_REDIS_KINDS] = {
        [SIO_REDIS_CHANNEL] = SIO_STR("*3\r\n$7\r\nmessage\r\n"),
        [SIO_REDIS_PATTERN] = SIO_STR("*4\r\n$8\r\npmessage\r\n"),
        [SIO_REDIS_SHARD] = SIO_STR("*3\r\n$8\r\nsmessage\r\n"),
    };
    size_t left = (size_t)(in->end - in->at);
    int found = SIO_EPARSE;
    for (int i = 0; i < SIO_REDIS_KINDS; i++) {
        sio_str head = heads[i];
        if (memcmp(in->at, head.data, left < head.len ? left : head.len) != 0)
            continue;
        if (left < head.len) {
            found = CUT;
            continue;
        }
        in->at += head.len;
        *kind = (sio_redis_kind)i;
        return WHOLE;
    }
    return found;
}

long long sio_redis_message_read(sio_redis_message *out, const char *data, size_t len)
{
    cursor in = { data, data + len };
    sio_redis_message message;
    int found = len > 0 ? take_head(&in, &message.kind) : CUT;
    if (found == WHOLE)
        found = take_string(&in, &message.name);
    message.channel = message.name;
    if (found == WHOLE && message.kind == SIO_REDIS_PATTERN)
        found = take_string(&in, &message.channel);
    if (found == WHOLE)
        found = take_string(&in, &message.payload);
    if (found != WHOLE)
        return found;
    *out = message;
    return in.at - data;
}
