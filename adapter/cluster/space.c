#include "cluster/space.h"

#include <sio/sys/classic.h>
#include <sio/sys/mem.h>

void sio_space_random(const sio_adapter_host *host, char out[SIO_CLUSTER_UID_SIZE])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[SIO_CLUSTER_UID_SIZE];
    host->random(host->data, random, sizeof random);
    for (size_t i = 0; i < SIO_CLUSTER_UID_SIZE; i++)
        out[i] = letters[random[i] % 64];
}

#define NAMES 5

/* Writes all names one after the other, and where each ends. */
static void write_names(sio_buf *text, size_t ends[NAMES], sio_str key, sio_str name, sio_str uid)
{
    sio_buf_append(text, name.data, name.len);
    ends[0] = text->len;
    sio_cluster_pattern(text, key, name);
    ends[1] = text->len;
    sio_classic_request_channel(text, key, name);
    ends[2] = text->len;
    sio_classic_response_channel(text, key, name, (sio_str){ NULL, 0 });
    ends[3] = text->len;
    sio_classic_response_channel(text, key, name, uid);
    ends[4] = text->len;
}

sio_space *sio_space_new(const sio_adapter_host *host, sio_str key, sio_str name)
{
    char uid[SIO_CLUSTER_UID_SIZE];
    size_t ends[NAMES], start = 0;
    sio_buf text = { 0 };
    sio_space_random(host, uid);
    write_names(&text, ends, key, name, (sio_str){ uid, sizeof uid });
    sio_space *self = text.err ? NULL : sio_mem_zalloc(sizeof *self + text.len);
    if (self) {
        sio_str *const names[NAMES] = { &self->name, &self->pattern, &self->request,
                                        &self->response, &self->own };
        memcpy(self->text, text.data, text.len);
        memcpy(self->uid, uid, sizeof uid);
        for (size_t i = 0; i < NAMES; start = ends[i++])
            *names[i] = (sio_str){ self->text + start, ends[i] - start };
    }
    sio_buf_free(&text);
    return self;
}
