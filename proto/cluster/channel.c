#include <sio/sys/classic.h>

void sio_cluster_channel(sio_buf *out, sio_str key, sio_str nsp, sio_str room)
{
    sio_buf_append(out, key.data, key.len);
    sio_buf_byte(out, '#');
    sio_buf_append(out, nsp.data, nsp.len);
    sio_buf_byte(out, '#');
    if (!room.data)
        return;
    sio_buf_append(out, room.data, room.len);
    sio_buf_byte(out, '#');
}

void sio_classic_request_channel(sio_buf *out, sio_str key, sio_str nsp)
{
    sio_buf_append(out, key.data, key.len);
    sio_cluster_channel(out, SIO_STR("-request"), nsp, (sio_str){ NULL, 0 });
}

void sio_classic_response_channel(sio_buf *out, sio_str key, sio_str nsp, sio_str uid)
{
    sio_buf_append(out, key.data, key.len);
    sio_cluster_channel(out, SIO_STR("-response"), nsp, uid);
}

/* Outside of brackets only these four are special to Redis; an opening bracket that is escaped
 * leaves `]`, `^` and `-` without a meaning. */
static void append_escaped(sio_buf *out, sio_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (c == '*' || c == '?' || c == '[' || c == '\\')
            sio_buf_byte(out, '\\');
        sio_buf_byte(out, c);
    }
}

void sio_cluster_pattern(sio_buf *out, sio_str key, sio_str nsp)
{
    append_escaped(out, key);
    sio_buf_byte(out, '#');
    append_escaped(out, nsp);
    sio_buf_text(out, "#*");
}

/* Takes `part` and a `#` off the front of `rest`. */
static bool skip_part(sio_str *rest, sio_str part)
{
    if (rest->len <= part.len || rest->data[part.len] != '#' ||
        !sio_str_equal((sio_str){ rest->data, part.len }, part))
        return false;
    rest->data += part.len + 1;
    rest->len -= part.len + 1;
    return true;
}

bool sio_cluster_channel_room(sio_str channel, sio_str key, sio_str nsp, sio_str *room)
{
    sio_str rest = channel;
    if (!skip_part(&rest, key) || !skip_part(&rest, nsp))
        return false;
    if (rest.len > 0 && rest.data[rest.len - 1] != '#')
        return false;
    *room = rest.len > 1 ? (sio_str){ rest.data, rest.len - 1 } : (sio_str){ NULL, 0 };
    return true;
}
