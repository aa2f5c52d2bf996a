#include "net/jsonp.h"

#include <sio/err.h>
#include <sio/sys/value.h>

#include "core/form.h"
#include "net/query.h"

int sio_jsonp_read(sio_jsonp *out, sio_str url)
{
    char text[64];
    const int len = sio_query_param(url, "j", text, sizeof(text));
    *out = (sio_jsonp){ .wanted = len >= 0 };
    if (len >= (int)sizeof(text))
        return SIO_ELIMIT;
    size_t digits = 0;
    for (int i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            continue;
        if (digits == SIO_LIMIT_JSONP_DIGITS)
            return SIO_ELIMIT;
        out->index[digits++] = text[i];
    }
    return 0;
}

/* ---- the script ---- */

/* Lines end at U+2028 and U+2029 in JavaScript, but not in JSON. */
static const char *find_line_end(const char *at, const char *end)
{
    while (end - at >= 3 && (at = memchr(at, 0xe2, (size_t)(end - at) - 2))) {
        if (at[1] == '\x80' && (at[2] == '\xa8' || at[2] == '\xa9'))
            return at;
        at++;
    }
    return end;
}

static void append_as_script(sio_buf *out, sio_str json)
{
    const char *at = json.data, *end = json.data + json.len;
    for (;;) {
        const char *special = find_line_end(at, end);
        sio_buf_append(out, at, (size_t)(special - at));
        if (special == end)
            return;
        sio_buf_text(out, special[2] == '\xa8' ? "\\u2028" : "\\u2029");
        at = special + 3;
    }
}

void sio_jsonp_write(sio_buf *out, const sio_jsonp *jsonp, sio_str payload)
{
    sio_buf json = { 0 };
    sio_json_write_string(&json, payload.data, payload.len);
    if (json.err)
        out->err = json.err;
    sio_buf_printf(out, "___eio[%s](", jsonp->index);
    append_as_script(out, (sio_str){ json.data, json.len });
    sio_buf_text(out, ");");
    sio_buf_free(&json);
}

/* ---- the form ---- */

/* Forms spoil line feeds, so the client sends `\n` in place of one, and `\\n` in place of that. */
static size_t unescape(char *text, size_t len)
{
    size_t written = 0;
    for (size_t at = 0; at < len; written++) {
        const char *from = text + at;
        const size_t left = len - at;
        if (left >= 3 && memcmp(from, "\\\\n", 3) == 0) {
            text[written++] = '\\';
            text[written] = 'n';
            at += 3;
        } else if (left >= 2 && memcmp(from, "\\n", 2) == 0) {
            text[written] = '\n';
            at += 2;
        } else {
            text[written] = *from;
            at++;
        }
    }
    return written;
}

static bool is_payload(sio_str name)
{
    char decoded[4];
    return sio_form_decode(decoded, sizeof(decoded), name) == 1 && decoded[0] == 'd';
}

bool sio_jsonp_unpack(char *form, size_t *len)
{
    sio_str rest = { form, *len }, name, value, found = { NULL, 0 };
    unsigned count = 0;
    while (sio_form_next(&rest, &name, &value)) {
        if (is_payload(name)) {
            found = value;
            count++;
        }
    }
    if (count != 1)
        return false;
    *len = unescape(form, sio_form_decode(form, found.len, found));
    return true;
}
