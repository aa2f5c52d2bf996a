#include "lws_table.h"

#include <libwebsockets.h>

#include "request.h"

/* What is a connection to libwebsockets is a table here. */
static const lws_table *table_of(struct lws *wsi)
{
    return (const lws_table *)(const void *)wsi;
}

void lws_table_read(lws_table *table, fuzz_input *input)
{
    *table = (lws_table){ .method = fuzz_byte(input) % 10 - 1 };
    const sio_str path = fuzz_take(input, fuzz_byte(input));
    table->path = fuzz_copy(path);
    table->path_len = path.len;
    while (input->left > 0 && table->count < LWS_TABLE_MOST) {
        lws_table_entry *entry = &table->entries[table->count++];
        const uint8_t token = fuzz_byte(input);
        entry->token = token == 255 ? -1 : token % WSI_TOKEN_COUNT;
        if (entry->token < 0)
            entry->name = fuzz_take(input, fuzz_byte(input));
        entry->value = fuzz_take(input, fuzz_byte(input));
    }
}

void lws_table_free(lws_table *table)
{
    free(table->path);
}

bool lws_table_write(lws_table *table, bool upgrade, sio_buf *out, bool *chunked)
{
    return sio_tls_request_write((struct lws *)(void *)table, upgrade, out, chunked);
}

/* ---- as lib/roles/http/parsers.c and server.c of libwebsockets answer ---- */

static const lws_table_entry *find(const lws_table *table, int token, int index)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i].token == token && index-- == 0)
            return &table->entries[i];
    return NULL;
}

int lws_hdr_total_length(struct lws *wsi, enum lws_token_indexes h)
{
    const lws_table *table = table_of(wsi);
    const lws_table_entry *entry;
    int len = 0;
    for (int i = 0; (entry = find(table, (int)h, i)); i++)
        len += (int)entry->value.len + (i > 0);
    return len;
}

/* Values of one name are joined; a NUL ends the copy of one, and is no end of all. */
int lws_hdr_copy(struct lws *wsi, char *dest, int len, enum lws_token_indexes h)
{
    const lws_table *table = table_of(wsi);
    const int total = lws_hdr_total_length(wsi, h);
    const lws_table_entry *entry;
    *dest = '\0';
    if (total == 0 || total >= len)
        return total == 0 ? 0 : -1;
    for (int i = 0; (entry = find(table, (int)h, i)); i++) {
        if (i > 0)
            *dest++ = h == WSI_TOKEN_HTTP_COOKIE ? ';' : ',';
        memset(dest, 0, entry->value.len);
        memcpy(dest, entry->value.data, strnlen(entry->value.data, entry->value.len));
        dest += entry->value.len;
    }
    *dest = '\0';
    return total;
}

int lws_hdr_copy_fragment(struct lws *wsi, char *dest, int len, enum lws_token_indexes h,
                          int frag_idx)
{
    const lws_table_entry *entry = find(table_of(wsi), (int)h, frag_idx);
    if (!entry || entry->value.len >= (size_t)len)
        return -1;
    if (entry->value.len)
        memcpy(dest, entry->value.data, entry->value.len);
    dest[entry->value.len] = '\0';
    return (int)entry->value.len;
}

int lws_hdr_custom_copy(struct lws *wsi, char *dst, int len, const char *name, int nlen)
{
    const lws_table *table = table_of(wsi);
    for (size_t i = 0; i < table->count; i++) {
        const lws_table_entry *entry = &table->entries[i];
        if (entry->token >= 0 || !sio_str_equal(entry->name, (sio_str){ name, (size_t)nlen }))
            continue;
        if (entry->value.len + 1 > (size_t)len)
            return -1;
        memset(dst, 0, entry->value.len + 1);
        memcpy(dst, entry->value.data, strnlen(entry->value.data, entry->value.len));
        return (int)entry->value.len;
    }
    return -1;
}

int lws_hdr_custom_name_foreach(struct lws *wsi, lws_hdr_custom_fe_cb_t cb, void *opaque)
{
    const lws_table *table = table_of(wsi);
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i].token < 0)
            cb(table->entries[i].name.data, (int)table->entries[i].name.len, opaque);
    return 0;
}

int lws_http_get_uri_and_method(struct lws *wsi, char **puri_ptr, int *puri_len)
{
    const lws_table *table = table_of(wsi);
    if (table->method < 0)
        return -1;
    *puri_ptr = table->path;
    *puri_len = (int)table->path_len;
    return table->method;
}
