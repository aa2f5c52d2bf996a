#include <sio/sys/deflate.h>

#include <stdio.h>

#include <sio/err.h>

#define NAME "permessage-deflate"

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

/* The value of a parameter without quotes. Those of use have two digits; of longer ones the length
 * tells that they have none. */
typedef struct value {
    char text[2];
    size_t len;
    bool present;
} value;

typedef struct offer {
    bool acceptable;
    unsigned seen; /* a bit for each parameter */
    int server_window;
    int client_window; /* 0: as we like */
} offer;

/* ---- syntax (RFC 6455, section 9.1) ---- */

static bool is_token(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void skip_blanks(cursor *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t'))
        in->at++;
}

static bool take(cursor *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static sio_str take_token(cursor *in)
{
    const char *begin = in->at;
    while (in->at < in->end && is_token(*in->at))
        in->at++;
    return (sio_str){ begin, (size_t)(in->at - begin) };
}

static bool take_character(cursor *in, value *out)
{
    if (in->at == in->end || !is_token(*in->at))
        return false;
    if (out->len < sizeof out->text)
        out->text[out->len] = *in->at;
    out->len++;
    in->at++;
    return true;
}

/* What is quoted must be a token all the same. */
static bool take_value(cursor *in, value *out)
{
    const bool quoted = take(in, '"');
    out->present = true;
    for (;;) {
        const bool escaped = quoted && take(in, '\\');
        if (!take_character(in, out)) {
            if (escaped)
                return false;
            break;
        }
    }
    return out->len > 0 && (!quoted || take(in, '"'));
}

/* ---- parameters (section 7.1) ---- */

enum { SERVER_TAKEOVER, CLIENT_TAKEOVER, SERVER_WINDOW, CLIENT_WINDOW, UNKNOWN };

static int parameter_of(sio_str name)
{
    static const char *const names[] = {
        [SERVER_TAKEOVER] = "server_no_context_takeover",
        [CLIENT_TAKEOVER] = "client_no_context_takeover",
        [SERVER_WINDOW] = "server_max_window_bits",
        [CLIENT_WINDOW] = "client_max_window_bits",
    };
    int at = 0;
    while (at < UNKNOWN && !sio_str_equal(name, sio_str_from(names[at])))
        at++;
    return at;
}

/* 8 to 15 without a leading zero, or 0. */
static int window_of(const value *number)
{
    if (number->len == 1 && number->text[0] >= '8' && number->text[0] <= '9')
        return number->text[0] - '0';
    if (number->len == 2 && number->text[0] == '1' && number->text[1] >= '0' &&
        number->text[1] <= '5')
        return 10 + number->text[1] - '0';
    return 0;
}

static bool set_parameter(offer *to, sio_str name, const value *number)
{
    const int which = parameter_of(name);
    const int window = window_of(number);
    if (which == UNKNOWN || (to->seen & 1u << which))
        return false;
    to->seen |= 1u << which;
    if (which == SERVER_WINDOW)
        to->server_window = window;
    else if (which == CLIENT_WINDOW)
        to->client_window = window;
    else
        return !number->present;
    return window != 0 || (which == CLIENT_WINDOW && !number->present);
}

/* ---- offers ---- */

static int take_offer(cursor *in, offer *out)
{
    *out = (offer){ .server_window = SIO_WS_WINDOW_MAX };
    sio_str name = take_token(in);
    if (name.len == 0)
        return SIO_EPARSE;
    out->acceptable = sio_str_equal(name, SIO_STR(NAME));
    skip_blanks(in);
    while (take(in, ';')) {
        value number = { .len = 0 };
        skip_blanks(in);
        name = take_token(in);
        if (name.len == 0 || (take(in, '=') && !take_value(in, &number)))
            return SIO_EPARSE;
        if (!set_parameter(out, name, &number))
            out->acceptable = false;
        skip_blanks(in);
    }
    return 0;
}

/* We inflate with the largest window whatever the client uses, and repeat what it names. */
static void write_answer(char answer[SIO_WS_EXTENSION_SIZE], const offer *accepted)
{
    int len = snprintf(answer, SIO_WS_EXTENSION_SIZE,
                       NAME "; server_no_context_takeover; client_no_context_takeover");
    if (accepted->seen & 1u << SERVER_WINDOW)
        len += snprintf(answer + len, SIO_WS_EXTENSION_SIZE - (size_t)len,
                        "; server_max_window_bits=%d", accepted->server_window);
    if (accepted->client_window)
        snprintf(answer + len, SIO_WS_EXTENSION_SIZE - (size_t)len, "; client_max_window_bits=%d",
                 accepted->client_window);
}

int sio_ws_negotiate(char answer[SIO_WS_EXTENSION_SIZE], sio_str offers)
{
    cursor in = { offers.data, offers.data + offers.len };
    offer accepted = { .acceptable = false };
    do {
        offer next;
        skip_blanks(&in);
        if (take_offer(&in, &next))
            return SIO_EPARSE;
        if (!accepted.acceptable)
            accepted = next;
    } while (take(&in, ','));
    if (in.at != in.end)
        return SIO_EPARSE;
    if (!accepted.acceptable)
        return 0;
    write_answer(answer, &accepted);
    return accepted.server_window;
}
