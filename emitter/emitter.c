#include <stdio.h>

#include <sio/sys/cluster.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "emitter.h"
#include "fork.h"

#define DEFAULT_URL        "redis://127.0.0.1:6379"
#define DEFAULT_TIMEOUT_MS 5000

int sio_emitter_fail(sio_emitter *emitter, int err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(emitter->error, sizeof emitter->error, format, arguments);
    va_end(arguments);
    return err;
}

static int configure(sio_emitter *emitter, const sio_emitter_options *options)
{
    const char *url = options->redis ? options->redis : DEFAULT_URL;
    const char *key = options->key ? options->key : SIO_CLUSTER_KEY;
    const char *stream = options->stream ? options->stream : key;
    char detail[sizeof emitter->error] = "";

    emitter->timeout_ms = options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    emitter->retry_ms = options->retry_ms;
    emitter->forks = sio_fork_count();
    emitter->reply_max = SIO_LIMIT_REDIS_REPLY;
    emitter->key = sio_mem_strndup(key, strlen(key));
    emitter->stream = sio_mem_strndup(stream, strlen(stream));
    if (!emitter->key || !emitter->stream)
        return sio_emitter_fail(emitter, SIO_ENOMEM, "out of memory");
    emitter->dispatch = (sio_dispatch){ .adapter = options->adapter,
                                        .key = sio_str_from(emitter->key),
                                        .stream = sio_str_from(emitter->stream),
                                        .stream_len = options->stream_len };
    int err = sio_redis_url_read(&emitter->url, url, detail, sizeof detail);
    if (err)
        return sio_emitter_fail(emitter, err, "%s", *detail ? detail : sio_err_message(err));
    if (!emitter->url.cluster)
        return 0;
    sio_redis_url_free(&emitter->url); /* it has no host, which would be this machine */
    return sio_emitter_fail(emitter, SIO_EURL,
                            "Redis URL: an emitter is told one node of a cluster, by redis:// "
                            "or rediss://, which tells the others");
}

int sio_emitter_new(sio_emitter **out, const sio_emitter_options *options)
{
    static const sio_emitter_options defaults;
    sio_emitter *emitter = sio_mem_zalloc(sizeof *emitter);

    *out = emitter;
    if (!emitter)
        return SIO_ENOMEM;
    int err = configure(emitter, options ? options : &defaults);
    if (!err)
        err = sio_emitter_reach(emitter, sio_emitter_now_ms() + emitter->retry_ms);
    if (!err)
        emitter->error[0] = '\0';
    return err;
}

int sio_emitter_unsure(const sio_emitter *emitter)
{
    return emitter && emitter->unsure;
}

const char *sio_emitter_error(const sio_emitter *emitter)
{
    return emitter ? emitter->error : sio_err_message(SIO_ENOMEM);
}

void sio_emitter_free(sio_emitter *emitter)
{
    if (!emitter)
        return;
    sio_emitter_disconnect(emitter);
    sio_redis_access_free(&emitter->access);
    sio_redis_url_free(&emitter->url);
    sio_dispatch_free(&emitter->dispatch);
    sio_buf_free(&emitter->batch.out);
    sio_mem_free(emitter->key);
    sio_mem_free(emitter->stream);
    sio_mem_free(emitter);
}
