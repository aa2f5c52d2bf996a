#include "cluster/inside.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

static sio_str space_name(const void *object)
{
    return ((const sio_space *)object)->name;
}

static sio_str space_pattern(const void *object)
{
    return ((const sio_space *)object)->pattern;
}

static size_t inquiry_name(const sio_adapter_host *host, char out[SIO_INQUIRY_ID_SIZE])
{
    sio_space_random(host, out);
    return SIO_CLUSTER_UID_SIZE;
}

int sio_classic_init(sio_classic *classic, const sio_adapter_host *host,
                     const sio_classic_link *link, const sio_redis_options *options)
{
    uint64_t seed[2];
    const char *key = options->key ? options->key : SIO_CLUSTER_KEY;
    *classic = (sio_classic){
        .host = *host,
        .link = *link,
        .subscribe = options->subscribe,
        .specific = options->specific_response_channel,
        .request_timeout_ms = options->request_timeout_ms ? options->request_timeout_ms
                                                          : SIO_CLUSTER_REQUEST_TIMEOUT_MS,
    };
    classic->key = sio_mem_strndup(key, strlen(key));
    if (!classic->key)
        return SIO_ENOMEM;
    classic->warnings.host = &classic->host;
    if (options->subscribe == SIO_SUBSCRIBE_ROOMS)
        classic->hearing = SIO_HEARING_ROOMS;
    host->random(host->data, seed, sizeof seed);
    sio_map_init(&classic->namespaces, space_name, seed);
    sio_map_init(&classic->patterns, space_pattern, seed);
    sio_inquiries_init(&classic->inquiries, &classic->host, inquiry_name, seed);
    return 0;
}

void sio_classic_stop(sio_classic *classic)
{
    classic->stopped = true;
    sio_inquiries_drop(&classic->inquiries);
    sio_duties_drop(&classic->duties);
}

void sio_classic_free(sio_classic *classic)
{
    size_t at = 0;
    sio_classic_stop(classic);
    for (void *space; (space = sio_map_next(&classic->namespaces, &at));)
        sio_mem_free(space);
    sio_map_free(&classic->namespaces);
    sio_map_free(&classic->patterns);
    sio_inquiries_free(&classic->inquiries);
    sio_barrier_free(&classic->barrier);
    sio_arena_free(&classic->arena);
    sio_buf_free(&classic->marker);
    sio_buf_free(&classic->channel);
    sio_buf_free(&classic->payload);
    sio_buf_free(&classic->json);
    sio_mem_free(classic->key);
}

/* ---- namespaces ---- */

static int enter(sio_classic *classic, sio_space *space)
{
    if (sio_map_insert(&classic->namespaces, space))
        return SIO_ENOMEM;
    if (sio_map_insert(&classic->patterns, space)) {
        sio_map_remove(&classic->namespaces, space->name);
        return SIO_ENOMEM;
    }
    if (space->name.len > classic->longest)
        classic->longest = space->name.len;
    return 0;
}

static void leave(sio_classic *classic, const sio_space *space)
{
    sio_map_remove(&classic->namespaces, space->name);
    sio_map_remove(&classic->patterns, space->pattern);
    if (classic->latest == space)
        classic->latest = NULL;
}

int sio_classic_open(sio_classic *classic, sio_str nsp)
{
    if (sio_map_get(&classic->namespaces, nsp))
        return SIO_EEXISTS;
    sio_space *space = sio_space_new(&classic->host, sio_classic_key(classic), nsp);
    int err = space ? enter(classic, space) : SIO_ENOMEM;
    if (!err) {
        err = sio_hearing_open(classic, space);
        if (err)
            leave(classic, space);
    }
    if (err)
        sio_mem_free(space);
    return err;
}

void sio_classic_close(sio_classic *classic, sio_str nsp)
{
    sio_space *space = sio_map_get(&classic->namespaces, nsp);
    if (!space || classic->stopped)
        return;
    leave(classic, space);
    sio_hearing_close(classic, space);
    sio_classic_fail(classic, space, SIO_ECLOSED);
    sio_mem_free(space);
}

/* ---- out ---- */

int sio_classic_publish(sio_classic *classic, sio_str channel, const sio_buf *payload)
{
    int err = payload->err;
    if (!err && payload->len > SIO_LIMIT_PUBLISH)
        err = SIO_ELIMIT;
    if (err) {
        classic->stats.published_lost++;
        return err;
    }
    return classic->link.publish(classic->link.data, channel, sio_buf_str(payload));
}

int sio_classic_broadcast(sio_classic *classic, const sio_cluster_message *message)
{
    const sio_space *space = sio_map_get(&classic->namespaces, message->nsp);
    if (!space)
        return SIO_ENOTFOUND;
    sio_cluster_message stamped = *message;
    stamped.uid = sio_space_uid(space);
    sio_str room = message->rooms_count == 1 ? message->rooms[0] : (sio_str){ NULL, 0 };
    sio_cluster_channel(&classic->channel, sio_classic_key(classic), space->name, room);
    sio_cluster_message_write(&classic->payload, &stamped, SIO_CLUSTER_ADAPTER);
    if (classic->channel.err && !classic->payload.err)
        classic->payload.err = classic->channel.err;
    int err = sio_classic_publish(classic, sio_buf_str(&classic->channel), &classic->payload);
    sio_scratch_tidy(&classic->channel);
    sio_scratch_tidy(&classic->payload);
    return err;
}

sio_str sio_classic_own(const sio_classic *classic)
{
    const sio_space *space = sio_map_get(&classic->namespaces, SIO_STR("/"));
    return space ? space->own : (sio_str){ NULL, 0 };
}
