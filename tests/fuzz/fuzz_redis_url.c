/* URLs of Redis: what is taken is one place, within its ranges. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/redis_url.h>

static void check_place(const char *host, int port)
{
    FUZZ_CHECK(host && *host && port > 0 && port <= 65535);
}

static void check_url(const sio_redis_url *url)
{
    FUZZ_CHECK(!!url->host + !!url->path + !!url->master == 1);
    FUZZ_CHECK(!url->master == !url->sentinels_count);
    FUZZ_CHECK(url->sentinels_count <= SIO_LIMIT_REDIS_SENTINELS);
    FUZZ_CHECK(url->db >= 0);
    if (url->host)
        check_place(url->host, url->port);
    if (url->path)
        FUZZ_CHECK(*url->path && strlen(url->path) <= SIO_LIMIT_UNIX_PATH && !url->tls);
    for (unsigned i = 0; i < url->sentinels_count; i++)
        check_place(url->sentinels[i].host, url->sentinels[i].port);
    FUZZ_CHECK(!url->user || url->password || url->password_file);
    FUZZ_CHECK(!url->password || !url->password_file);
    FUZZ_CHECK(url->tls || (!url->ca && !url->cert && !url->server_name));
    FUZZ_CHECK(url->cert || !url->key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string((sio_str){ (const char *)data, size });
    char detail[128];
    sio_redis_url url;
    detail[0] = '\0';
    const int err = sio_redis_url_read(&url, text, detail, sizeof detail);
    FUZZ_CHECK(err == 0 || err == SIO_EURL);
    FUZZ_CHECK(memchr(detail, '\0', sizeof detail));
    FUZZ_CHECK(!err == !*detail);
    if (!err) {
        check_url(&url);
        sio_redis_url_free(&url);
    }
    free(text);
    return 0;
}
